import {
  type ComponentProps,
  type ComponentType,
  createContext,
  createElement,
  type JSX,
  memo,
  type ReactNode,
  useContext,
  useMemo,
} from "react";
import { type Components, defaultRehypePlugins, Streamdown, useIsCodeFenceIncomplete } from "streamdown";
import { m } from "@/messages/gen/messages.js";
import { CodeBlock } from "./CodeBlock";
import { safeLink } from "./links";

// Markdown draws what a model wrote, also while it grows. HTML stays text,
// pictures are never loaded, links show where they go. The content security
// policy is the second wall behind this one.

type Props = Record<string, unknown> & { children?: ReactNode; node?: unknown };

// MarkdownExtra changes how a text is drawn: plugins work on the sanitised tree,
// components draw what they make, code gives what stands in code.
export interface MarkdownExtra {
  readonly plugin: NonNullable<ComponentProps<typeof Streamdown>["rehypePlugins"]>[number];
  readonly components: Components;
  readonly code: (text: string) => string;
}

// plain draws an element with our own style sheet instead of Streamdown's.
function plain(tag: keyof JSX.IntrinsicElements): ComponentType<Props> {
  return ({ node: _node, className: _class, children, ...rest }: Props) => createElement(tag, rest, children);
}

function Anchor({ href, children }: { readonly href?: string; readonly children?: ReactNode }) {
  const link = safeLink(href);
  if (!link) return <span>{children}</span>;
  const text = typeof children === "string" ? children : "";
  return (
    <a href={link.href} target="_blank" rel="noreferrer noopener nofollow">
      {children}
      {text.includes(link.host) ? null : <span className="link-host">{` (${link.host})`}</span>}
    </a>
  );
}

function NoImage({ alt }: { readonly alt?: string }) {
  return <span className="no-image">{alt ? m.image_blocked_alt({ alt }) : m.image_blocked()}</span>;
}

function Table({ children }: { readonly children?: ReactNode }) {
  return (
    // Wide tables scroll by themselves; the keyboard has to reach them.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable regions take focus
    <section className="table-frame" tabIndex={0} aria-label={m.table()}>
      <table>{children}</table>
    </section>
  );
}

const CodeText = createContext<(text: string) => string>((text) => text);

function Code({ className, children }: { readonly className?: string; readonly children?: ReactNode }) {
  const growing = useIsCodeFenceIncomplete();
  const plainCode = useContext(CodeText);
  const language = /language-([\w+#.-]+)/.exec(className ?? "")?.[1] ?? "";
  const code = plainCode(String(children ?? "").replace(/\n$/, ""));
  return <CodeBlock code={code} language={language} growing={growing} />;
}

function InlineCode({ children }: { readonly children?: ReactNode }) {
  const plainCode = useContext(CodeText);
  return <code>{typeof children === "string" ? plainCode(children) : children}</code>;
}

const asIs = ["p", "ul", "ol", "li", "strong", "blockquote", "hr", "thead", "tbody", "tr", "th", "td", "sup", "sub"];
// The page's own headings come first; an answer's start below them.
const headings = { h1: "h3", h2: "h4", h3: "h5", h4: "h6", h5: "h6", h6: "h6" } as const;

const components = {
  ...Object.fromEntries(asIs.map((tag) => [tag, plain(tag as keyof JSX.IntrinsicElements)])),
  ...Object.fromEntries(Object.entries(headings).map(([tag, drawn]) => [tag, plain(drawn)])),
  a: Anchor,
  img: NoImage,
  table: Table,
  code: Code,
  inlineCode: InlineCode,
  section: plain("section"),
  input: plain("input"),
} as Components;

// Without rehype-raw, HTML in the text is shown as the text that it is.
const rehype = [defaultRehypePlugins.sanitize].filter((plugin) => plugin !== undefined);
const off = { enabled: false };

export const Markdown = memo(function Markdown({
  text,
  growing,
  extra,
}: {
  readonly text: string;
  readonly growing: boolean;
  readonly extra?: MarkdownExtra;
}) {
  const plugins = useMemo(() => (extra ? [...rehype, extra.plugin] : rehype), [extra]);
  const drawn = useMemo(() => (extra ? { ...components, ...extra.components } : components), [extra]);
  const body = (
    <Streamdown
      className="prose"
      // Always by blocks, so that nothing is drawn anew when the answer ends.
      mode="streaming"
      parseIncompleteMarkdown={growing}
      isAnimating={growing}
      dir="auto"
      components={drawn}
      rehypePlugins={plugins}
      controls={false}
      linkSafety={off}
      lineNumbers={false}
    >
      {text}
    </Streamdown>
  );
  return extra ? <CodeText value={extra.code}>{body}</CodeText> : body;
});
