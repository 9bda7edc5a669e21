import { useMemo } from "react";
import type { LatencyFilter } from "@/api/monitor";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { Chart } from "@/parts/Chart";
import type { Mark } from "@/parts/chart/marks";
import { useLatency } from "@/state/monitor/hooks";
import type { Range } from "@/state/monitor/ranges";
import { type Over, pick, type Series } from "@/state/monitor/series";
import { type Unit, written } from "@/state/monitor/units";
import { sentence } from "@/state/sentences";
import { LatencyFilters } from "./LatencyFilters";
import { LatencyTotals } from "./LatencyTotals";

const plans: readonly { readonly title: () => string; readonly name: string; readonly unit: Unit }[] = [
  { title: m.chart_first, name: "first_token_seconds", unit: "seconds" },
  { title: m.chart_queue, name: "queue_seconds", unit: "seconds" },
  { title: m.chart_gap, name: "inter_token_seconds", unit: "seconds" },
  { title: m.chart_total, name: "total_seconds", unit: "seconds" },
];

const lineNames: Readonly<Record<string, () => string>> = { p50: m.line_p50, p95: m.line_p95, p99: m.line_p99 };
// From the median to what 95 of 100 stayed under.
const band = [0, 1] as const;

// LatencyCharts is how long people waited.
export function LatencyCharts({
  range,
  filter,
  onFilter,
  marks,
}: {
  readonly range: Range;
  readonly filter: LatencyFilter;
  readonly onFilter: (filter: LatencyFilter) => void;
  readonly marks: readonly Mark[];
}) {
  const { over, data, isPending, isError, error, refetch } = useLatency(range, filter);
  return (
    <section aria-labelledby="latency-charts" className="chart-group">
      <div className="chart-group-head">
        <h4 id="latency-charts">{m.charts_latency()}</h4>
        <LatencyFilters range={range} filter={filter} onFilter={onFilter} />
      </div>
      {isError && !data && (
        <div role="alert" className="trouble">
          <p>{sentence(error)}</p>
          <Button onClick={() => void refetch()}>{m.try_again()}</Button>
        </div>
      )}
      {isPending && (
        <p role="status" aria-busy="true" className="panel-quiet">
          {m.loading()}
        </p>
      )}
      {over && <Charts over={over} marks={marks} />}
      {data && <LatencyTotals totals={data.totals} />}
    </section>
  );
}

function Charts({ over, marks }: { readonly over: Over; readonly marks: readonly Mark[] }) {
  const shared = { times: over.times, from: over.from, to: over.to, marks, sync: "monitor" };
  const waits = useMemo(() => plans.map((plan) => ({ plan, lines: linesOf(pick(over, [plan.name])) })), [over]);
  const speeds = useMemo(() => {
    const median = (name: string) => pick(over, [name]).filter(({ device }) => device === "p50");
    return [
      ...median("tokens_in_per_second").map(({ values }) => ({ label: m.line_tokens_in(), values })),
      ...median("tokens_out_per_second").map(({ values }) => ({ label: m.line_tokens_out(), values })),
    ];
  }, [over]);
  const requests = useMemo(
    () => pick(over, ["requests_per_hour"]).map(({ values }) => ({ label: m.line_requests(), values })),
    [over],
  );
  return (
    <div className="charts">
      {waits.map(({ plan, lines }) => (
        <Chart
          key={plan.name}
          {...shared}
          title={plan.title()}
          lines={lines}
          band={lines.length > 1 ? band : undefined}
          format={written(plan.unit)}
        />
      ))}
      <Chart {...shared} title={m.chart_tokens()} lines={speeds} format={written("tokens/s")} />
      <Chart {...shared} title={m.chart_requests()} lines={requests} whole format={written("count")} />
    </div>
  );
}

const linesOf = (series: readonly Series[]) =>
  series.map(({ device = "", values }) => ({ label: lineNames[device]?.() ?? device, values }));
