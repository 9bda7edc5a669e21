import "../../../operate.css";
import { useId, useState } from "react";
import type { CostRow, CostView } from "@/api/operate";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { integer } from "@/state/numbers";
import { useCost, usePrices } from "@/state/operate/cost";
import { money } from "@/state/operate/money";
import { sentence } from "@/state/sentences";
import { PriceEditor } from "./PriceEditor";

const ranges = [7, 30, 90] as const;

// CostTab says what the recorded traffic costs on this box, on cloud GPUs and
// at managed services.
export default function CostTab() {
  const [days, setDays] = useState<number>(30);
  const cost = useCost(days);
  return (
    <div className="operate">
      <section className="panel" aria-labelledby="cost-title">
        <div className="operate-row">
          <h3 id="cost-title" className="min-w-48 flex-1">
            {m.cost()}
          </h3>
          <Range days={days} onChange={setDays} />
        </div>
        {cost.isError && (
          <p role="alert" className="trouble">
            {sentence(cost.error)}
          </p>
        )}
        {!cost.data && !cost.isError && <p role="status">{m.loading()}</p>}
        {cost.data && <Comparison view={cost.data} />}
      </section>
      <Sheet />
    </div>
  );
}

function Range({ days, onChange }: { readonly days: number; readonly onChange: (days: number) => void }) {
  const id = useId();
  return (
    <div className="choice">
      <label htmlFor={id}>{m.cost_range()}</label>
      <select id={id} className="field" value={days} onChange={(event) => onChange(Number(event.target.value))}>
        {ranges.map((n) => (
          <option key={n} value={n}>
            {m.cost_days({ n: integer(n) })}
          </option>
        ))}
      </select>
    </div>
  );
}

function Comparison({ view }: { readonly view: CostView }) {
  const { recorded } = view;
  const told = {
    answers: integer(recorded.answers),
    prompt: integer(recorded.prompt_tokens),
    cached: integer(recorded.cached_tokens),
    output: integer(recorded.output_tokens),
    peak: integer(recorded.peak_hour_answers),
    month: integer(recorded.answers_per_month),
  };
  return (
    <>
      <p className={view.enough ? "operate-second" : "operate-warn"}>{view.sentence}</p>
      <p>{view.latency.sentence}</p>
      {recorded.answers > 0 && <p className="panel-quiet">{m.cost_recorded(told)}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable regions take focus */}
      <section className="table-scroll" tabIndex={0} aria-label={m.cost_table()}>
        <table className="figures-table">
          <thead>
            <tr>
              <th scope="col">{m.cost_what()}</th>
              <th scope="col" className="is-number">
                {m.cost_hour()}
              </th>
              <th scope="col" className="is-number">
                {m.cost_month()}
              </th>
              <th scope="col" className="is-number">
                {m.cost_thousand()}
              </th>
              <th scope="col">{m.cost_price()}</th>
            </tr>
          </thead>
          <tbody>
            {view.rows.map((row) => (
              <Row key={row.id} row={row} currency={view.currency} />
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

function Row({ row, currency }: { readonly row: CostRow; readonly currency: string }) {
  return (
    <tr data-kind={row.kind}>
      <th scope="row" className="operate-name">
        {row.count > 1 ? m.cost_count({ n: integer(row.count), name: row.name }) : row.name}
        {row.note && <span className="operate-note">{row.note}</span>}
      </th>
      <td className="is-number">{amount(row.per_hour, currency)}</td>
      <td className="is-number">{amount(row.per_month, currency)}</td>
      <td className="is-number">{amount(row.per_thousand, currency)}</td>
      <td className="operate-label">{priceOf(row)}</td>
    </tr>
  );
}

const amount = (n: number | undefined, currency: string) => (n === undefined ? "–" : money(n, currency));

function priceOf(row: CostRow): string {
  if (!row.example) return m.cost_yours();
  return row.kind === "box" ? m.cost_assumed() : m.cost_example({ date: row.as_of ?? "" });
}

function Sheet() {
  const prices = usePrices();
  const [open, setOpen] = useState(false);
  const title = useId();
  return (
    <section className="panel" aria-labelledby={title}>
      <h3 id={title}>{m.prices()}</h3>
      <p className="text-sm text-ink-2">{m.prices_text()}</p>
      {prices.isError && (
        <p role="alert" className="trouble">
          {sentence(prices.error)}
        </p>
      )}
      {prices.data && (
        <div className="operate-row">
          <Button onClick={() => setOpen(true)}>{m.prices_edit()}</Button>
          <span className="panel-quiet">{prices.data.shipped ? m.prices_shipped() : m.prices_own()}</span>
        </div>
      )}
      {open && prices.data && <PriceEditor prices={prices.data} onClose={() => setOpen(false)} />}
    </section>
  );
}
