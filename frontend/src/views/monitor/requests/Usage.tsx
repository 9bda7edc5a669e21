import { useId, useState } from "react";
import type { UsageCounts, Usage as Used } from "@/api/monitor";
import { m } from "@/messages/gen/messages.js";
import { useSettings } from "@/state/hooks";
import { tellPeopleApart, useUsage } from "@/state/monitor/requests";
import { integer } from "@/state/numbers";
import { sentence } from "@/state/sentences";
import { whoName } from "../names";

const ranges = [7, 30, 90] as const;

// Usage is how much was used: by model, and by person where somebody turned
// that on and enough people were there.
export function Usage() {
  const [days, setDays] = useState<number>(30);
  const id = useId();
  const usage = useUsage(days);
  return (
    <section aria-labelledby={`${id}title`} className="panel">
      <div className="chart-group-head">
        <h3 id={`${id}title`}>{m.usage()}</h3>
        <div className="choice">
          <label htmlFor={id}>{m.cost_range()}</label>
          <select id={id} className="field" value={days} onChange={(event) => setDays(Number(event.target.value))}>
            {ranges.map((n) => (
              <option key={n} value={n}>
                {m.cost_days({ n: integer(n) })}
              </option>
            ))}
          </select>
        </div>
      </div>
      {usage.isError && (
        <p role="alert" className="trouble">
          {sentence(usage.error)}
        </p>
      )}
      {usage.data && <Tables used={usage.data} />}
      <People />
    </section>
  );
}

function Tables({ used }: { readonly used: Used }) {
  if (used.by_model.length === 0) return <p className="panel-quiet">{m.usage_none()}</p>;
  const models = used.by_model.map((row) => ({ ...row, name: row.model }));
  const people = used.people?.map((row) => ({
    ...row,
    name: row.who === "others" ? m.usage_others({ n: integer(row.people) }) : whoName(row.who),
  }));
  return (
    <>
      <Counts title={m.usage_by_model()} head={m.filter_model()} rows={models} total={used.total} />
      {people && people.length === 0 && <p className="panel-quiet">{m.usage_too_few()}</p>}
      {people && people.length > 0 && <Counts title={m.usage_by_person()} head={m.usage_person()} rows={people} />}
    </>
  );
}

type Row = UsageCounts & { readonly name: string };

const columns = [
  { name: m.total_requests, of: (row: UsageCounts) => row.requests },
  { name: m.total_failed, of: (row: UsageCounts) => row.failed },
  { name: m.total_prompt, of: (row: UsageCounts) => row.prompt_tokens },
  { name: m.total_cached, of: (row: UsageCounts) => row.cached_tokens },
  { name: m.total_output, of: (row: UsageCounts) => row.output_tokens },
] as const;

interface CountsProps {
  readonly title: string;
  readonly head: string;
  readonly rows: readonly Row[];
  readonly total?: UsageCounts;
}

function Counts({ title, head, rows, total }: CountsProps) {
  const lines = total && rows.length > 1 ? [...rows, { ...total, name: m.usage_total() }] : rows;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable regions take focus
    <section className="table-scroll" tabIndex={0} aria-label={title}>
      <table className="figures-table">
        <caption className="table-title">{title}</caption>
        <thead>
          <tr>
            <th scope="col">{head}</th>
            {columns.map(({ name }) => (
              <th key={name()} scope="col" className="is-number">
                {name()}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map((row) => (
            <tr key={row.name}>
              <th scope="row" className="is-long" title={row.name}>
                {row.name}
              </th>
              {columns.map(({ name, of }) => (
                <td key={name()} className="is-number">
                  {integer(of(row))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

// People is whether persons are told apart; it is off until somebody says so.
function People() {
  const settings = useSettings();
  const id = useId();
  if (!settings.data) return null;
  const { usage_per_person: isOn = false, usage_min_group: least = 5 } = settings.data;
  return (
    <div className="flex flex-wrap items-start gap-x-6 gap-y-2 text-sm">
      <label className="flex items-start gap-3">
        <input
          type="checkbox"
          className="mt-1"
          checked={isOn}
          aria-describedby={`${id}note`}
          onChange={(event) => void tellPeopleApart({ usage_per_person: event.target.checked })}
        />
        <span>
          {m.usage_people()}
          <span id={`${id}note`} className="block text-ink-3">
            {m.usage_people_note({ n: integer(least) })}
          </span>
        </span>
      </label>
      {isOn && (
        <div className="choice">
          <label htmlFor={id}>{m.usage_least()}</label>
          <input
            id={id}
            type="number"
            className="field w-24"
            min={5}
            max={1000}
            defaultValue={least}
            onBlur={({ target }) => {
              if (target.validity.valid && target.value !== "")
                void tellPeopleApart({ usage_min_group: target.valueAsNumber });
              else target.value = String(least);
            }}
          />
        </div>
      )}
    </div>
  );
}
