import { useLocation } from "wouter";
import type { Gap } from "@/api/desk";
import { m } from "@/messages/gen/messages.js";
import { chooseTopic, useGaps } from "@/state/documents/desk";
import { dateTime, integer } from "@/state/numbers";
import { Reading } from "./Reading";

// GapsTab is what people ask and nobody has written down yet, by topic.
export default function GapsTab({ collection }: { readonly collection: string }) {
  const gaps = useGaps(collection);
  const [, navigate] = useLocation();
  const show = (gap: Gap) => {
    chooseTopic(collection, gap);
    navigate(`/documents/${collection}/inbox`);
  };
  const most = Math.max(1, ...(gaps.data ?? []).map((gap) => gap.times));
  return (
    <section className="desk" aria-label={m.gaps()}>
      <p className="text-sm text-ink-2">{m.gaps_text()}</p>
      <Reading query={gaps} />
      {gaps.data?.length === 0 && (
        <p role="status" className="documents-empty">
          {m.gaps_none()}
        </p>
      )}
      <ol className="gaps">
        {(gaps.data ?? []).map((gap) => (
          <li key={gap.ids[0]} className="gap">
            <div className="min-w-0">
              <h3>
                <button
                  type="button"
                  className="gap-topic"
                  aria-label={m.gap_show({ topic: gap.topic })}
                  onClick={() => show(gap)}
                >
                  {gap.topic || m.gap_unnamed()}
                </button>
              </h3>
              <ul className="gap-examples">
                {gap.examples.map((example) => (
                  <li key={example} dir="auto">
                    {example}
                  </li>
                ))}
              </ul>
            </div>
            <div className="gap-counts">
              <svg className="gap-bar" aria-hidden="true">
                <rect className="score-track" width="100%" height="6" rx="3" />
                <rect className="score-value" width={`${(100 * gap.times) / most}%`} height="6" rx="3" />
              </svg>
              <p>{gap.times === 1 ? m.inbox_once() : m.inbox_times({ n: integer(gap.times) })}</p>
              <p className="text-ink-3">
                {gap.questions === 1 ? m.gap_one() : m.gap_questions({ n: integer(gap.questions) })} ·{" "}
                {m.gap_last({ when: dateTime(gap.last_asked) })}
              </p>
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
