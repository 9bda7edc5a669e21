import { Check, X } from "lucide-react";
import { useId } from "react";
import type { CheckProgress, CheckResult, CheckView } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { startCheck, stopCheck, useCheck } from "@/state/checks";
import { chooseModel } from "@/state/models";
import { dateTime, duration, integer, rate } from "@/state/numbers";
import { sentence } from "@/state/sentences";

// HouseCheck runs the golden questions against one model and shows the result
// beside the current model's.
export function HouseCheck({ model }: { readonly model: string }) {
  const check = useCheck(model);
  const title = useId();
  if (check.isError && !check.data) return <p className="text-sm text-bad">{sentence(check.error)}</p>;
  if (!check.data) return null;
  const { result, running } = check.data;
  const mine = running?.model === model;
  return (
    <section className="check" aria-labelledby={title}>
      <div className="check-head">
        <h4 id={title} className="text-sm font-semibold">
          {m.check()}
        </h4>
        {mine ? (
          <Button className="check-button" onClick={() => void stopCheck(model)}>
            {m.check_stop()}
          </Button>
        ) : (
          <Button className="check-button" disabled={running !== undefined} onClick={() => void startCheck(model)}>
            {result ? m.check_again() : m.check_start()}
          </Button>
        )}
      </div>
      {mine && <Running progress={running} />}
      {running && !mine && <p className="text-sm text-ink-3">{m.check_other({ name: running.model })}</p>}
      {!running && !result && (
        <p className="text-sm text-ink-3">{m.check_none({ n: integer(check.data.questions) })}</p>
      )}
      {!mine && result && <Outcome model={model} view={check.data} result={result} />}
    </section>
  );
}

function Running({ progress }: { readonly progress: CheckProgress }) {
  const told = { name: progress.asking, done: integer(progress.done), total: integer(progress.total) };
  return (
    <div>
      <progress className="check-progress" aria-label={m.check_progress()} value={progress.done} max={progress.total} />
      <p role="status" className="text-sm text-ink-2">
        {progress.stage === "loading" ? m.check_loading(told) : m.check_asking(told)}
      </p>
    </div>
  );
}

function Outcome({
  model,
  view,
  result,
}: {
  readonly model: string;
  readonly view: CheckView;
  readonly result: CheckResult;
}) {
  const { beside } = view;
  return (
    <>
      <div className="check-scroll">
        <table className="check-table">
          <caption className="sr-only">{m.check_result({ date: dateTime(result.started_at) })}</caption>
          <thead>
            <tr>
              <th scope="col">{m.check_model()}</th>
              <th scope="col">{m.check_passed()}</th>
              <th scope="col">{m.check_speed()}</th>
              <th scope="col">{m.check_first()}</th>
            </tr>
          </thead>
          <tbody>
            <Row result={result} name={view.is_current ? m.check_this_current() : m.check_this()} />
            {beside && (
              <Row
                result={beside}
                name={(view.is_current ? m.check_before : m.check_current)({ name: beside.model })}
              />
            )}
          </tbody>
        </table>
      </div>
      <Notes view={view} result={result} />
      <div className="flex flex-wrap items-center gap-2">
        {!view.is_current && result.status === "done" && (
          <Button className="check-button" onClick={() => void chooseModel(model)}>
            {m.check_promote()}
          </Button>
        )}
        <span className="text-xs text-ink-3">{dateTime(result.started_at)}</span>
      </div>
      {result.answers.length > 0 && <Answers result={result} />}
    </>
  );
}

function Row({ result, name }: { readonly result: CheckResult; readonly name: string }) {
  const passed = { passed: integer(result.passed), total: integer(result.total) };
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{m.check_of(passed)}</td>
      <td>{result.tokens_per_sec > 0 ? m.tokens_per_second({ n: rate(result.tokens_per_sec) }) : m.check_unknown()}</td>
      <td>{result.first_token_ms > 0 ? duration(result.first_token_ms) : m.check_unknown()}</td>
    </tr>
  );
}

// Notes are what one must know of a result before it is believed.
function Notes({ view, result }: { readonly view: CheckView; readonly result: CheckResult }) {
  const asked = { asked: integer(result.asked), total: integer(result.total) };
  return (
    <>
      {result.error && <p className="text-sm text-bad">{m.check_failed({ reason: result.error.message })}</p>}
      {result.status === "stopped" && <p className="text-sm text-warn">{m.check_stopped(asked)}</p>}
      {result.status === "interrupted" && <p className="text-sm text-warn">{m.check_interrupted(asked)}</p>}
      {!result.fresh && <p className="text-sm text-warn">{m.check_stale()}</p>}
      {result.promoted && view.is_current && <p className="text-sm text-ink-2">{m.check_promoted()}</p>}
    </>
  );
}

function Answers({ result }: { readonly result: CheckResult }) {
  return (
    <details className="check-answers">
      <summary>{m.check_answers({ n: integer(result.answers.length) })}</summary>
      <ol>
        {result.answers.map((answer) => (
          <li key={answer.id} data-passed={answer.passed}>
            <span className="check-mark">
              {answer.passed ? (
                <Check size={15} aria-label={m.check_yes()} />
              ) : (
                <X size={15} aria-label={m.check_no()} />
              )}
            </span>
            <div className="min-w-0">
              <p className="check-question">{answer.question}</p>
              <p className="check-answer">{answer.answer.replace(/\n{2,}/g, "\n").trim() || m.check_silent()}</p>
              {answer.reason && <p className="text-bad">{answer.reason}</p>}
            </div>
          </li>
        ))}
      </ol>
    </details>
  );
}
