import { Tooltip } from "radix-ui";
import { createContext, type ReactNode, useContext, useMemo } from "react";
import type { SentenceCheck, Source } from "@/api/documents";
import { m } from "@/messages/gen/messages.js";
import { Approved } from "@/parts/Approved";
import { safeLink } from "@/parts/links";
import { Markdown, type MarkdownExtra } from "@/parts/Markdown";
import { held, marked, type Piece, pieces, unmarked } from "@/state/documents/marks";
import { openPanel } from "@/state/documents/panel";
import { factsOf, nameOf, placeOf } from "@/state/documents/words";

const Sources = createContext<readonly Source[]>([]);

interface Node {
  type: string;
  tagName?: string;
  value?: string;
  properties?: Record<string, unknown>;
  children?: Node[];
}

const element = (tagName: string, children: Node[], properties = {}): Node => ({
  type: "element",
  tagName,
  properties,
  children,
});

function drawn(piece: Piece): Node {
  if (piece.kind === "numbers") return element("cite", [{ type: "text", value: piece.numbers.join(",") }]);
  if (piece.kind === "doubt") return element("data", []);
  const text = { type: "text", value: piece.text };
  return piece.doubted ? element("u", [text]) : text;
}

// citations draws the marks of state/documents/marks in a sanitised tree.
function citations() {
  return (tree: Node) => {
    let doubted = false;
    const walk = (node: Node) => {
      if (!node.children || node.tagName === "code" || node.tagName === "pre") return;
      node.children = node.children.flatMap((child) => {
        if (child.type !== "text") {
          walk(child);
          return [child];
        }
        const { all, doubted: after } = pieces(child.value ?? "", doubted);
        doubted = after;
        return held(all).flatMap((group) => {
          const nodes = group.map(drawn);
          return nodes.length > 1 ? [element("span", nodes, { className: "whitespace-nowrap" })] : nodes;
        });
      });
    };
    walk(tree);
  };
}

// What a document talks a model into must lead nowhere: an address is text here.
function NoLink({ href, children }: { readonly href?: string; readonly children?: ReactNode }) {
  const host = safeLink(href)?.host;
  return (
    <span>
      {children}
      {host && typeof children === "string" && !children.includes(host) ? ` (${host})` : null}
    </span>
  );
}

function Cites({ children }: { readonly children?: ReactNode }) {
  const sources = useContext(Sources);
  const numbers = String(children ?? "")
    .split(",")
    .map(Number);
  return numbers.map((n) => {
    // A number that no source has says nothing.
    const source = sources.find((one) => one.n === n);
    return source && <CiteButton key={n} source={source} hits={sources} />;
  });
}

// CiteButton is a number in a text that leads to the passage.
export function CiteButton({ source, hits }: { readonly source: Source; readonly hits: readonly Source[] }) {
  return (
    <Tooltip.Root delayDuration={150}>
      <Tooltip.Trigger asChild>
        <button
          type="button"
          className="cite"
          data-removed={source.removed || undefined}
          aria-label={m.source_named({ n: String(source.n), place: placeOf(source) })}
          onClick={() => openPanel(hits, source)}
        >
          {source.n}
        </button>
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className="cite-tip" sideOffset={6} collisionPadding={12}>
          <span className="cite-tip-quote">{source.removed ? m.source_removed() : source.quote || source.text}</span>
          {source.approved && <Approved />}
          <span className="cite-tip-place">{[nameOf(source), factsOf(source)].filter(Boolean).join(" · ")}</span>
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}

function Doubt() {
  return (
    <span className="doubt" title={m.not_found_why()}>
      {m.not_found()}
    </span>
  );
}

const extra: MarkdownExtra = {
  plugin: citations as MarkdownExtra["plugin"],
  components: {
    a: NoLink,
    cite: Cites,
    data: Doubt,
    u: ({ children }: { readonly children?: ReactNode }) => <span className="doubted">{children}</span>,
  } as MarkdownExtra["components"],
  code: unmarked,
};

// Cited draws an answer that stands on sources.
export function Cited({
  text,
  base,
  growing,
  sources,
  checks,
}: {
  readonly text: string;
  // How many code units of the whole message stand before text.
  readonly base: number;
  readonly growing: boolean;
  readonly sources: readonly Source[];
  readonly checks: readonly SentenceCheck[];
}) {
  const withMarks = useMemo(() => marked(text, base, checks), [text, base, checks]);
  return (
    <Tooltip.Provider>
      <Sources value={sources}>
        <Markdown text={withMarks} growing={growing} extra={extra} />
      </Sources>
    </Tooltip.Provider>
  );
}
