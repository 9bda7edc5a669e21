import { Check, Repeat, TriangleAlert, X } from "lucide-react";
import { useState } from "react";
import type { GoldenAnswer, GoldenResult, GoldenRun } from "@/api/desk";
import { m } from "@/messages/gen/messages.js";
import { Score } from "@/parts/Score";
import { type Before, beforeOf, type Outcome, outcomeOf, resultsOf, type Told } from "@/state/documents/golden";
import { dateTime, fraction, integer } from "@/state/numbers";

const reasons: Record<GoldenRun["reason"], () => string> = {
  manual: m.run_manual,
  nightly: m.run_nightly,
  documents: m.run_documents,
  models: m.run_models,
};
const outcomes: Record<Outcome, () => string> = {
  passed: m.golden_passed,
  broken: m.golden_broken,
  flapping: m.golden_flapping,
  failed: m.golden_failed,
};
const icons: Record<Outcome, typeof Check> = { passed: Check, broken: TriangleAlert, flapping: Repeat, failed: X };

// GoldenRunsView is one run, the last one unless another is chosen, and what
// runs there were.
export function GoldenRunsView({
  runs,
  questions,
}: {
  readonly runs: readonly GoldenRun[];
  readonly questions: readonly GoldenAnswer[];
}) {
  const [chosen, setChosen] = useState<string | null>(null);
  const run = runs.find((one) => one.id === chosen) ?? runs[0];
  if (!run) return null;
  const told = resultsOf(run, questions);
  const wrong = told.filter(({ result }) => !result.passed);
  const passed = told.filter(({ result }) => result.passed);
  const before = (id: string) => beforeOf(runs, run, id);
  const counts = { passed: integer(run.passed), total: integer(run.total) };
  return (
    <div className="golden-result">
      <div className="desk-body">
        <h3 className="text-base font-semibold">{run === runs[0] ? m.golden_last() : dateTime(run.started_at)}</h3>
        <p className="golden-sum" data-broken={run.broken > 0 || undefined}>
          {m.golden_sum(counts)}
          {run.broken > 0 && `, ${m.golden_sum_broken({ n: integer(run.broken) })}`}
          <span className="text-ink-3">
            {" "}
            · {reasons[run.reason]()} · {dateTime(run.ended_at)}
          </span>
        </p>
        {wrong.length > 0 && <Results told={wrong} before={before} label={m.golden_wrong()} />}
        {passed.length > 0 && (
          <details className="check-answers" open={wrong.length === 0 && passed.length <= 8}>
            <summary>{m.golden_all_passed({ n: integer(passed.length) })}</summary>
            <Results told={passed} before={before} label={m.golden_passed()} />
          </details>
        )}
      </div>
      <nav className="golden-history" aria-label={m.golden_history()}>
        <p className="px-2 text-xs font-semibold text-ink-3">{m.golden_history()}</p>
        <ol>
          {runs.map((one) => (
            <li key={one.id}>
              <button
                type="button"
                aria-current={one === run ? "true" : undefined}
                data-broken={one.broken > 0 || undefined}
                onClick={() => setChosen(one.id)}
              >
                <span>{dateTime(one.started_at)}</span>
                <span className="tabular-nums">
                  {integer(one.passed)}/{integer(one.total)}
                </span>
              </button>
            </li>
          ))}
        </ol>
      </nav>
    </div>
  );
}

const problems: Readonly<Record<string, () => string>> = {
  decision: m.golden_wrong_decision,
  sentence: m.golden_not_found,
  citation: m.golden_no_citation,
  figures: m.golden_no_figures,
};

function Results({
  told,
  before,
  label,
}: {
  readonly told: readonly Told[];
  readonly before: (id: string) => Before | null;
  readonly label: string;
}) {
  return (
    <ul className="golden-results" aria-label={label}>
      {told.map(({ result, question }) => {
        const outcome = outcomeOf(result);
        const Icon = icons[outcome];
        const wrong = (result.problems ?? []).map((one) => problems[one]?.()).filter(Boolean);
        const facts = [
          result.decision === "refused" ? m.golden_was_refused() : m.golden_was_answered(),
          result.approved && m.golden_by_hr(),
          result.rank && m.golden_rank({ n: integer(result.rank) }),
          ...wrong,
        ].filter(Boolean);
        return (
          <li key={result.id} data-outcome={outcome}>
            <Icon size={15} aria-hidden="true" />
            <div className="min-w-0 flex-1">
              <p dir="auto">{question?.question ?? m.golden_gone({ id: result.id })}</p>
              <p className="golden-facts">
                <span className="golden-outcome">{outcomes[outcome]()}</span>
                {result.passed && result.flapping && <span className="golden-outcome">{m.golden_flapping()}</span>}
                {facts.map((fact) => (
                  <span key={String(fact)}>{fact}</span>
                ))}
                <span className="inline-flex items-center gap-2">
                  {m.golden_score({ n: fraction(result.score) })}
                  <Score value={result.score} />
                </span>
              </p>
              {result.quote && (
                <p className="approved-text" dir="auto">
                  {m.quoted({ quote: result.quote })}
                  {result.document && <span className="text-ink-3"> {result.document}</span>}
                </p>
              )}
              {result.written && <Wrote result={result} before={result.passed ? null : before(result.id)} />}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

// Wrote is what the model answered; beside it what it answered when that passed.
function Wrote({ result, before }: { readonly result: GoldenResult; readonly before: Before | null }) {
  return (
    <dl className="golden-texts">
      <div>
        {before && <dt>{m.golden_now()}</dt>}
        <dd dir="auto">{result.text || m.golden_text_gone()}</dd>
      </div>
      {before && (
        <div>
          <dt>{m.golden_when_passed({ when: dateTime(before.at) })}</dt>
          <dd dir="auto">{before.text}</dd>
        </div>
      )}
    </dl>
  );
}
