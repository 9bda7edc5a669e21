import { useId, useState } from "react";
import type { CapacityProgress, CapacityView } from "@/api/operate";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { integer } from "@/state/numbers";
import { startCapacity, stopCapacity } from "@/state/operate/capacity";
import { readNumber } from "@/state/operate/money";

// Measure begins and stops a measurement, and says how it goes.
export function Measure({ view }: { readonly view: CapacityView }) {
  const title = useId();
  return (
    <section className="panel" aria-labelledby={title}>
      <h3 id={title}>{m.capacity()}</h3>
      <p className="text-sm text-ink-2">{m.capacity_text()}</p>
      {view.running ? <Running progress={view.running} /> : <Start view={view} />}
      {view.nothing && !view.running && (
        <p role="alert" className="operate-warn">
          {view.nothing.because}
        </p>
      )}
      {!view.result && !view.running && <p className="panel-quiet">{m.capacity_none()}</p>}
    </section>
  );
}

const stages: Readonly<Record<CapacityProgress["stage"], () => string>> = {
  waiting: m.capacity_waiting,
  warming: m.capacity_warming,
  measuring: m.capacity_measuring,
};

function Running({ progress }: { readonly progress: CapacityProgress }) {
  return (
    <div className="operate-row">
      <p role="status" className="min-w-0 flex-1 text-sm text-ink-2">
        {stages[progress.stage]()}
        {progress.people > 0 && ` ${m.capacity_people_now({ n: integer(progress.people) })}`}
        {progress.repeated > 0 && ` ${m.capacity_repeated({ n: integer(progress.repeated) })}`}
      </p>
      <Button onClick={() => void stopCapacity()}>{m.capacity_stop()}</Button>
    </div>
  );
}

function Start({ view }: { readonly view: CapacityView }) {
  const last = view.result?.settings ?? view.defaults;
  const [bound, setBound] = useState(String(last.bound_seconds));
  const [every, setEvery] = useState(String(last.every_minutes));
  const [wrong, setWrong] = useState("");
  const start = () => {
    const bound_seconds = readNumber(bound, 0.1, 60);
    const every_minutes = readNumber(every, 0.1, 1440);
    if (bound_seconds === null) return setWrong("bound");
    if (every_minutes === null) return setWrong("every");
    setWrong("");
    void startCapacity({ bound_seconds, every_minutes });
  };
  return (
    <form
      className="operate-row"
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <Field label={m.capacity_bound()} value={bound} onChange={setBound} wrong={wrong === "bound" && "0.1 - 60"} />
      <Field label={m.capacity_every()} value={every} onChange={setEvery} wrong={wrong === "every" && "0.1 - 1440"} />
      <Button type="submit" look="solid">
        {view.result ? m.capacity_again() : m.capacity_start()}
      </Button>
    </form>
  );
}

function Field({
  label,
  value,
  onChange,
  wrong,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly wrong: string | false;
}) {
  const id = useId();
  return (
    <div className="operate-field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="field"
        inputMode="decimal"
        value={value}
        aria-invalid={wrong !== false}
        aria-describedby={wrong ? `${id}-wrong` : undefined}
        onChange={(event) => onChange(event.target.value)}
      />
      {wrong && (
        <p id={`${id}-wrong`} role="alert" className="operate-wrong">
          {m.number_between({ range: wrong })}
        </p>
      )}
    </div>
  );
}
