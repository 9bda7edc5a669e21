import { FileText, TriangleAlert } from "lucide-react";
import type { Source } from "@/api/documents";
import { m } from "@/messages/gen/messages.js";
import { Approved } from "@/parts/Approved";
import { openPanel } from "@/state/documents/panel";
import { factsOf, nameOf, placeOf } from "@/state/documents/words";

// QuoteCard is the sentence that was found: it is there before the model reads.
export function QuoteCard({ source, hits }: { readonly source: Source; readonly hits: readonly Source[] }) {
  if (source.removed) return null;
  return (
    <figure className="quote-card">
      <p className="quote-from">
        {source.approved ? (
          <Approved />
        ) : (
          <>
            <FileText size={14} aria-hidden="true" />
            {m.from_document()}
          </>
        )}
      </p>
      {/* A document's words are plain text: nothing in them is drawn or followed. */}
      <blockquote dir="auto">{source.quote || source.text}</blockquote>
      <figcaption>
        <button
          type="button"
          className="quote-place"
          aria-label={m.source_open({ place: placeOf(source) })}
          onClick={() => openPanel(hits, source)}
        >
          {nameOf(source)}
        </button>
        <span>{factsOf(source)}</span>
        {source.superseded_by && (
          <span className="superseded">
            <TriangleAlert size={13} aria-hidden="true" />
            {m.superseded()}
          </span>
        )}
      </figcaption>
    </figure>
  );
}
