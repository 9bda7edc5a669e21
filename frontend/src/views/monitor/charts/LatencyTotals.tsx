import type { LatencyTotal } from "@/api/monitor";
import { m } from "@/messages/gen/messages.js";
import { seconds } from "@/state/monitor/units";
import { integer } from "@/state/numbers";
import { className, routeName } from "../names";

type Column = { readonly name: () => string; readonly of: (total: LatencyTotal) => string };

const figure = (total: LatencyTotal, name: string, which: "p50" | "p95" | "p99") => {
  const value = total.figures[name]?.[which];
  return value === undefined ? m.chart_unknown() : seconds(value);
};

const columns: readonly Column[] = [
  { name: m.total_requests, of: (total) => integer(total.requests) },
  { name: m.total_failed, of: (total) => integer(total.failed) },
  { name: m.total_prompt, of: (total) => integer(total.prompt_tokens) },
  { name: m.total_cached, of: (total) => integer(total.cached_tokens) },
  { name: m.total_output, of: (total) => integer(total.output_tokens) },
  { name: m.total_first_50, of: (total) => figure(total, "first_token_seconds", "p50") },
  { name: m.total_first_95, of: (total) => figure(total, "first_token_seconds", "p95") },
  { name: m.total_first_99, of: (total) => figure(total, "first_token_seconds", "p99") },
  { name: m.total_gap_95, of: (total) => figure(total, "inter_token_seconds", "p95") },
  { name: m.total_whole_95, of: (total) => figure(total, "total_seconds", "p95") },
];

// LatencyTotals has the whole range in one line for each model, route and class.
export function LatencyTotals({ totals }: { readonly totals: readonly LatencyTotal[] }) {
  if (totals.length === 0) return <p className="panel-quiet">{m.totals_none()}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable regions take focus
    <section className="table-scroll" tabIndex={0} aria-label={m.totals()}>
      <table className="figures-table">
        <caption className="table-title">{m.totals()}</caption>
        <thead>
          <tr>
            <th scope="col">{m.filter_model()}</th>
            <th scope="col">{m.filter_route()}</th>
            <th scope="col">{m.filter_class()}</th>
            {columns.map(({ name }) => (
              <th key={name()} scope="col" className="is-number">
                {name()}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {totals.map((total) => (
            <tr key={`${total.model}\n${total.route}\n${total.class}`}>
              <th scope="row" className="is-long" title={total.model}>
                {total.model}
              </th>
              <td>{routeName(total.route)}</td>
              <td>{className(total.class)}</td>
              {columns.map(({ name, of }) => (
                <td key={name()} className="is-number">
                  {of(total)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
