import type { EngineBody, EngineSlot } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { readShare, shortUser } from "@/state/monitor/glance";
import { integer } from "@/state/numbers";
import { sentence } from "@/state/sentences";
import { className } from "../names";

const states: Readonly<Record<string, () => string>> = {
  preparing: m.slot_preparing,
  queued: m.slot_queued,
  prefill: m.slot_prefill,
  decode: m.slot_decode,
};

// Slots is who is where in the engine: numbers and kinds, no text and no name.
export function Slots({ engine, error }: { readonly engine: EngineBody | undefined; readonly error: unknown }) {
  const view = engine?.view;
  return (
    <section aria-labelledby="slots-title" className="panel">
      <h3 id="slots-title">{m.slots()}</h3>
      {error !== null && (
        <p role="alert" className="trouble">
          {sentence(error)}
        </p>
      )}
      {engine && !view && <p className="panel-quiet">{engine.status.reason || m.slots_no_worker()}</p>}
      {view?.slots.length === 0 && <p className="panel-quiet">{m.slots_none()}</p>}
      {view && view.slots.length > 0 && <Table slots={view.slots} />}
      {view && view.more_slots > 0 && <p className="panel-quiet">{m.slots_more({ n: integer(view.more_slots) })}</p>}
    </section>
  );
}

function Table({ slots }: { readonly slots: readonly EngineSlot[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable regions take focus
    <section className="table-scroll" tabIndex={0} aria-label={m.slots()}>
      <table className="figures-table">
        <thead>
          <tr>
            <th scope="col">{m.slot_user()}</th>
            <th scope="col">{m.slot_state()}</th>
            <th scope="col">{m.slot_class()}</th>
            <th scope="col" className="is-number">
              {m.slot_prompt()}
            </th>
            <th scope="col" className="is-number">
              {m.slot_cached()}
            </th>
            <th scope="col" className="is-number">
              {m.slot_written()}
            </th>
          </tr>
        </thead>
        <tbody>
          {slots.map((slot) => (
            <tr key={slot.id}>
              <th scope="row">{slot.user ? m.slot_visitor({ id: shortUser(slot.user) }) : m.slot_nobody()}</th>
              <td>
                <State slot={slot} />
              </td>
              <td>{slot.class ? className(slot.class) : m.chart_unknown()}</td>
              <td className="is-number">{integer(slot.prompt)}</td>
              <td className="is-number">{integer(slot.cached)}</td>
              <td className="is-number">{integer(slot.written)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function State({ slot }: { readonly slot: EngineSlot }) {
  const text = states[slot.state]?.() ?? slot.state;
  return (
    <span className="slot-state" data-state={slot.state}>
      {slot.place ? m.slot_place({ state: text, place: integer(slot.place) }) : text}
      {slot.follows ? <span className="panel-quiet"> {m.slot_follows()}</span> : null}
      {slot.state === "prefill" && (
        <progress className="check-progress" aria-label={m.stage_reading_label()} value={readShare(slot)} max={1} />
      )}
    </span>
  );
}
