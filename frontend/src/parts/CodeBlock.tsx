import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { m } from "@/messages/gen/messages.js";
import { highlight, type Token } from "./highlight";

export function CodeBlock({
  code,
  language,
  growing,
}: {
  readonly code: string;
  readonly language: string;
  readonly growing: boolean;
}) {
  const lines = useColours(code, language, growing);
  return (
    <figure className="code" dir="ltr">
      <figcaption className="code-head">
        <span>{language || m.code()}</span>
        <CopyButton text={code} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable regions take focus */}
      <pre tabIndex={0}>
        <code>{lines ? lines.map(drawLine) : code}</code>
      </pre>
    </figure>
  );
}

function drawLine(line: readonly Token[], at: number) {
  return (
    <span key={at}>
      {line.map((token, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: nor have tokens
        <span key={i} className={token.className}>
          {token.text}
        </span>
      ))}
      {"\n"}
    </span>
  );
}

// useColours colours code once it is complete: doing it at each token would
// take the processor from the model that writes it.
function useColours(code: string, language: string, growing: boolean): Token[][] | null {
  const [done, setDone] = useState<{ code: string; lines: Token[][] | null } | null>(null);
  useEffect(() => {
    if (growing || language === "") return;
    let current = true;
    highlight(code, language)
      .then((lines) => current && setDone({ code, lines }))
      .catch(() => current && setDone(null));
    return () => {
      current = false;
    };
  }, [code, language, growing]);
  return done?.code === code ? done.lines : null;
}

const copiedMs = 2000;

export function CopyButton({ text }: { readonly text: string }) {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), copiedMs);
    return () => clearTimeout(timer);
  }, [state]);
  const label = state === "copied" ? m.copied() : state === "failed" ? m.copy_failed_short() : m.copy();
  const run = () =>
    navigator.clipboard.writeText(text).then(
      () => setState("copied"),
      () => setState("failed"),
    );
  return (
    <button type="button" className="copy" onClick={run}>
      {state === "copied" ? <Check size={14} aria-hidden="true" /> : <Copy size={14} aria-hidden="true" />}
      <span aria-live="polite">{label}</span>
    </button>
  );
}
