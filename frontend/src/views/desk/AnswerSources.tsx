import { Search } from "lucide-react";
import { useState } from "react";
import type { Passage } from "@/api/desk";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { usePassages } from "@/state/documents/collections";
import { pagesOf } from "@/state/documents/words";
import { sentence } from "@/state/sentences";

const most = 8;

// AnswerSources chooses the passages that an approved answer stands on, of those
// that its question finds.
export function AnswerSources({
  collection,
  question,
  chosen,
  onChange,
}: {
  readonly collection: string;
  readonly question: string;
  readonly chosen: readonly Passage[];
  readonly onChange: (chosen: readonly Passage[]) => void;
}) {
  const [asked, setAsked] = useState("");
  const found = usePassages(collection, asked, "");
  const passages = (found.data?.passages ?? []).filter((one) => !one.approved && !one.removed && !one.superseded_by);
  const shown = [
    ...chosen,
    ...passages
      .map(({ chunk_id, document, page, page_end, quote }) => ({
        ...{ chunk_id, document, quote },
        ...(page !== undefined && { page }),
        ...(page_end !== undefined && { page_end }),
      }))
      .filter((one) => !chosen.some((other) => other.chunk_id === one.chunk_id)),
  ];
  const has = (one: Passage) => chosen.some((other) => other.chunk_id === one.chunk_id);
  return (
    <fieldset className="answer-sources">
      <legend className="text-sm font-semibold">{m.answer_sources()}</legend>
      <p className="text-sm text-ink-2">{m.answer_sources_note()}</p>
      {shown.length > 0 && (
        <ul>
          {shown.map((one) => (
            <li key={one.chunk_id}>
              <label>
                <input
                  type="checkbox"
                  checked={has(one)}
                  disabled={!has(one) && chosen.length >= most}
                  onChange={() =>
                    onChange(has(one) ? chosen.filter((other) => other.chunk_id !== one.chunk_id) : [...chosen, one])
                  }
                />
                <span>
                  <span className="font-semibold">{[one.document, pagesOf(one)].filter(Boolean).join(", ")}</span>
                  <span className="answer-source-quote" dir="auto">
                    {one.quote || m.source_removed()}
                  </span>
                </span>
              </label>
            </li>
          ))}
        </ul>
      )}
      {found.isError && <p className="text-sm text-bad">{sentence(found.error)}</p>}
      {found.data && passages.length === 0 && <p className="text-sm text-ink-3">{m.answer_sources_none()}</p>}
      <Button
        look="quiet"
        className="self-start"
        disabled={question.trim() === "" || found.isFetching}
        onClick={() => setAsked(question.trim())}
      >
        <Search size={15} aria-hidden="true" />
        {m.answer_sources_find()}
      </Button>
    </fieldset>
  );
}
