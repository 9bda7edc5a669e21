import { useId } from "react";
import type { CapacityEstimate, CapacityView } from "@/api/operate";
import { m } from "@/messages/gen/messages.js";
import { seconds } from "@/state/monitor/units";
import { integer, rate } from "@/state/numbers";

const groups: readonly { readonly group: CapacityEstimate["group"]; readonly name: () => string }[] = [
  { group: "box", name: m.estimate_box },
  { group: "model", name: m.estimate_model },
];

// Estimates are made from the measurement; nothing of them was measured, and
// each row says so.
export function Estimates({
  estimates,
  models,
  model,
  onModel,
}: {
  readonly estimates: NonNullable<CapacityView["estimates"]>;
  readonly models: CapacityView["models"];
  readonly model: string;
  readonly onModel: (model: string) => void;
}) {
  const title = useId();
  const choice = useId();
  return (
    <section className="panel" aria-labelledby={title}>
      <h3 id={title}>{m.estimates()}</h3>
      <p className="text-sm text-ink-2">{m.estimates_text()}</p>
      {groups.map(({ group, name }) => (
        <Group key={group} name={name()} rows={estimates.rows.filter((row) => row.group === group)} />
      ))}
      <div className="choice">
        <label htmlFor={choice}>{m.estimate_on()}</label>
        <select id={choice} className="field" value={model} onChange={(event) => onModel(event.target.value)}>
          <option value="">{m.estimate_on_measured()}</option>
          {models.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </div>
      <Group
        name={m.estimate_gpu({ model: models.find(({ id }) => id === estimates.on)?.name ?? estimates.on })}
        rows={estimates.rows.filter((row) => row.group === "gpu")}
      />
      <details className="operate-details">
        <summary>{m.estimates_formula()}</summary>
        <ul className="operate-formula">
          {estimates.formula.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </details>
    </section>
  );
}

function Group({ name, rows }: { readonly name: string; readonly rows: readonly CapacityEstimate[] }) {
  if (rows.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable regions take focus
    <section className="table-scroll" tabIndex={0} aria-label={name}>
      <table className="figures-table">
        <caption className="table-title">{name}</caption>
        <thead>
          <tr>
            <th scope="col">{m.estimate_what()}</th>
            <th scope="col">{m.estimate_quant()}</th>
            <th scope="col">{m.estimate_label()}</th>
            <th scope="col" className="is-number">
              {m.estimate_people()}
            </th>
            <th scope="col" className="is-number">
              {m.estimate_employees()}
            </th>
            <th scope="col" className="is-number">
              {m.capacity_each()}
            </th>
            <th scope="col" className="is-number">
              {m.estimate_first()}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={`${row.name}\n${row.quant}\n${row.kv}`} row={row} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ row }: { readonly row: CapacityEstimate }) {
  const more = row.limit === "none";
  const least = (n: number) => (more ? m.estimate_or_more({ n: integer(n) }) : integer(n));
  return (
    <tr>
      <th scope="row" className="operate-name">
        {row.name}
        {row.note && <span className="operate-note">{row.note}</span>}
        {row.measured && (
          <span className="operate-note">
            {m.estimate_checked({
              speed: row.measured.tokens_ratio.toFixed(2),
              first: row.measured.first_token_ratio.toFixed(2),
            })}
          </span>
        )}
      </th>
      <td>{[row.quant, row.kv].filter(Boolean).join(", ")}</td>
      <td className="operate-label">
        {row.label}, ±{row.margin_percent} %
      </td>
      {row.limit === "unknown" && <td colSpan={4}>{m.estimate_unknown()}</td>}
      {row.limit !== "unknown" && !row.fits && <td colSpan={4}>{m.estimate_wont_fit()}</td>}
      {row.limit !== "unknown" && row.fits && (
        <>
          <td className="is-number">{least(row.people)}</td>
          <td className="is-number">{least(row.employees)}</td>
          <td className="is-number">{m.tokens_per_second({ n: rate(row.tokens_per_second) })}</td>
          <td className="is-number">{seconds(row.first_token_seconds)}</td>
        </>
      )}
    </tr>
  );
}
