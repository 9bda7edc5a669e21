import { m } from "@/messages/gen/messages.js";
import { Markdown } from "@/parts/Markdown";

// Thoughts are what a model thought aloud before its answer, folded away.
export function Thoughts({ text, open }: { readonly text: string; readonly open: boolean }) {
  if (text === "" && !open) return null;
  return (
    <details className="thoughts">
      <summary>{open ? m.thinking() : m.thoughts()}</summary>
      <Markdown text={text} growing={open} />
    </details>
  );
}
