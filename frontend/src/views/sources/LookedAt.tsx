import { ChevronRight } from "lucide-react";
import type { Grounding, Source } from "@/api/documents";
import { m } from "@/messages/gen/messages.js";
import { Approved } from "@/parts/Approved";
import { Score } from "@/parts/Score";
import { openPanel } from "@/state/documents/panel";
import { day, factsOf, nameOf, placeOf } from "@/state/documents/words";
import { fraction, integer, rate } from "@/state/numbers";

const percent = (score: number) => integer(100 * Math.min(1, Math.max(0, score)));

// LookedAt tells all that was found, and why it was answered or not.
export function LookedAt({
  sources,
  grounding,
  open = false,
}: {
  readonly sources: readonly Source[];
  readonly grounding: Grounding;
  readonly open?: boolean;
}) {
  return (
    <details className="looked" open={open}>
      <summary>
        <ChevronRight size={14} aria-hidden="true" />
        {sources.length === 1 ? m.looked_at_one() : m.looked_at({ n: integer(sources.length) })}
      </summary>
      <Decision grounding={grounding} />
      <PassageList sources={sources} />
    </details>
  );
}

// Decision says how sure the box is, and from where on it answers.
export function Decision({ grounding }: { readonly grounding: Grounding }) {
  const { score, threshold, decision, took_ms: took, query, as_of: asOf } = grounding;
  const told = { score: percent(score), threshold: percent(threshold) };
  return (
    <div className="decision">
      <p>{(decision === "refused" ? m.decision_refused : m.decision_answered)(told)}</p>
      <Score value={score} mark={threshold} />
      <p className="text-xs text-ink-3">
        {[
          query && m.looked_for({ query }),
          asOf && m.as_of_day({ day: day(asOf) }),
          took !== undefined && m.found_in({ ms: integer(took) }),
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
    </div>
  );
}

// PassageList is what was found, best first; a click opens it.
// from is the number of the first that is shown.
export function PassageList({ sources, from = 1 }: { readonly sources: readonly Source[]; readonly from?: number }) {
  if (sources.length === 0) return <p className="text-sm text-ink-3">{m.looked_at_nothing()}</p>;
  return (
    <ol className="passages">
      {sources
        .filter(({ n }) => n >= from)
        .map((source) => (
          <li key={source.n} data-cited={source.cited || undefined}>
            <span className="passage-n" aria-hidden="true">
              {source.n}
            </span>
            <div className="min-w-0 flex-1">
              <p className="passage-head">
                {source.removed ? (
                  <span>{nameOf(source)}</span>
                ) : (
                  <button
                    type="button"
                    className="link"
                    aria-label={m.source_open({ place: placeOf(source) })}
                    onClick={() => openPanel(sources, source)}
                  >
                    {nameOf(source)}
                  </button>
                )}
                <span className="text-ink-3">{factsOf(source)}</span>
                {source.approved && <Approved />}
                {source.cited && from === 1 && <span className="passage-cited">{m.source_cited()}</span>}
                {source.superseded_by && <span className="superseded">{m.superseded()}</span>}
              </p>
              {source.heading && <p className="text-xs text-ink-3">{source.heading}</p>}
              <p className="passage-quote" dir="auto">
                {source.removed ? m.source_removed() : source.quote || source.text}
              </p>
              {source.ranks && <RankLine ranks={source.ranks} signals={source.signals} />}
            </div>
            {from === 1 && (
              <span className="passage-score">
                <span className="sr-only">{m.source_score({ n: percent(source.score) })}</span>
                <Score value={source.score} />
                <span aria-hidden="true">{percent(source.score)}</span>
              </span>
            )}
          </li>
        ))}
    </ol>
  );
}

// RankLine says where each way of finding placed a passage.
function RankLine({
  ranks,
  signals,
}: {
  readonly ranks: NonNullable<Source["ranks"]>;
  readonly signals: Source["signals"];
}) {
  const place = (n: number | undefined) => (n ? m.rank_place({ n: integer(n) }) : m.rank_none());
  const told = [m.rank_text({ place: place(ranks.text) }), m.rank_vector({ place: place(ranks.vector) })];
  if (ranks.rerank) told.push(m.rank_rerank({ place: place(ranks.rerank) }));
  if (signals) {
    const { bm25, cosine, coverage } = signals;
    told.push(m.rank_signals({ bm25: rate(bm25), cosine: fraction(cosine), coverage: percent(coverage) }));
  }
  return <p className="rank-line">{told.join(" · ")}</p>;
}
