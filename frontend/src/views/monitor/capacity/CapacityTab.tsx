import "../../../operate.css";
import { useState } from "react";
import type { CapacityResult, CapacityView } from "@/api/operate";
import { m } from "@/messages/gen/messages.js";
import { dateTime, integer } from "@/state/numbers";
import { useCapacity } from "@/state/operate/capacity";
import { sentence } from "@/state/sentences";
import { Estimates } from "./Estimates";
import { Measure } from "./Measure";
import { StepChart, StepTable } from "./Steps";

// CapacityTab says how many people this box serves, as measured, what limits
// it, and what something else would give.
export default function CapacityTab() {
  const [model, setModel] = useState("");
  const capacity = useCapacity(model);
  if (capacity.isError && !capacity.data)
    return (
      <p role="alert" className="trouble">
        {sentence(capacity.error)}
      </p>
    );
  if (!capacity.data) return <p role="status">{m.loading()}</p>;
  const view = capacity.data;
  const result = view.result;
  return (
    <div className="operate">
      <Measure view={view} />
      {view.running && view.running.steps.length > 0 && (
        <section className="panel" aria-labelledby="so-far">
          <h3 id="so-far">{m.capacity_so_far()}</h3>
          <StepTable steps={view.running.steps} bound={null} />
        </section>
      )}
      {result && <Result result={result} />}
      {view.estimates && <Estimates estimates={view.estimates} models={view.models} model={model} onModel={setModel} />}
      {view.history.length > 0 && <History view={view} />}
    </div>
  );
}

function Result({ result }: { readonly result: CapacityResult }) {
  const { shape, settings, facts } = result;
  const of = { shared: integer(shape.shared), own: integer(shape.own), answer: integer(shape.answer) };
  return (
    <section className="panel" aria-labelledby="capacity-result">
      <h3 id="capacity-result" className="sr-only">
        {m.capacity_result()}
      </h3>
      {result.status === "failed" && <p className="text-bad">{m.capacity_failed({ reason: result.error ?? "" })}</p>}
      {result.steps.length > 0 && (
        <>
          <p className="operate-lead">{result.serves.sentence}</p>
          <p className="operate-second">
            {m.capacity_employees({ n: integer(result.employees), minutes: integer(settings.every_minutes) })}
          </p>
          <p>{result.limit.sentence}</p>
          <StepChart result={result} />
          <StepTable steps={result.steps} bound={settings.bound_seconds} />
        </>
      )}
      <p className="panel-quiet">{result.because}</p>
      <p className="panel-quiet">
        {m.capacity_how({ model: facts.model, device: facts.device, date: dateTime(result.started_at), ...of })}{" "}
        {shape.recorded > 0 ? m.capacity_recorded({ n: integer(shape.recorded) }) : m.capacity_default_shape()}
        {shape.shortened && ` ${m.capacity_shortened()}`}
        {result.repeated > 0 && ` ${m.capacity_repeated({ n: integer(result.repeated) })}`}
        {result.status === "stopped" && ` ${m.capacity_stopped()}`}
      </p>
    </section>
  );
}

function History({ view }: { readonly view: CapacityView }) {
  return (
    <details className="panel operate-details">
      <summary>{m.capacity_history({ n: integer(view.history.length) })}</summary>
      <ul className="operate-history">
        {view.history.map((one) => (
          <li key={one.id}>
            <span className="panel-quiet">{dateTime(one.started_at)}</span> {one.facts.model}, {one.facts.device}:{" "}
            {one.serves.sentence}
          </li>
        ))}
      </ul>
    </details>
  );
}
