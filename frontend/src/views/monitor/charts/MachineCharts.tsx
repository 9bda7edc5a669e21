import { useMemo } from "react";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { Chart } from "@/parts/Chart";
import type { Mark } from "@/parts/chart/marks";
import { useMachine } from "@/state/monitor/hooks";
import type { Range } from "@/state/monitor/ranges";
import { hasFigures, type Over, pick, type Series } from "@/state/monitor/series";
import { type Unit, written } from "@/state/monitor/units";
import { sentence } from "@/state/sentences";

// The charts of the machine. A chart with no figure at all has no sensor, and
// is left out.
interface Plan {
  readonly title: () => string;
  readonly unit: Unit;
  readonly names: readonly string[];
  readonly top?: number;
}

const plans: readonly Plan[] = [
  { title: m.chart_speed, unit: "tokens/s", names: ["tokens_per_second"] },
  { title: m.chart_answers, unit: "count", names: ["answers_active", "answers_queued"] },
  {
    title: m.chart_cpu,
    unit: "percent",
    names: ["cpu_percent", "worker_cpu_percent", "cpu_steal_percent"],
    top: 100,
  },
  { title: m.chart_memory, unit: "bytes", names: ["memory_used_bytes", "worker_resident_bytes", "swap_used_bytes"] },
  { title: m.chart_gpu, unit: "percent", names: ["gpu_utilization_percent"], top: 100 },
  { title: m.chart_gpu_memory, unit: "bytes", names: ["gpu_memory_used_bytes"] },
  { title: m.chart_temperature, unit: "celsius", names: ["cpu_temperature_celsius", "gpu_temperature_celsius"] },
  { title: m.chart_power, unit: "watts", names: ["gpu_power_watts"] },
  { title: m.chart_disk, unit: "bytes/s", names: ["disk_read_bytes_per_second", "disk_write_bytes_per_second"] },
  {
    title: m.chart_network,
    unit: "bytes/s",
    names: ["network_receive_bytes_per_second", "network_transmit_bytes_per_second"],
  },
];

const lineNames: Readonly<Record<string, () => string>> = {
  tokens_per_second: m.line_written,
  answers_active: m.line_active,
  answers_queued: m.line_queued,
  cpu_percent: m.line_cpu,
  worker_cpu_percent: m.line_worker,
  cpu_steal_percent: m.line_steal,
  memory_used_bytes: m.line_memory,
  worker_resident_bytes: m.line_worker,
  swap_used_bytes: m.line_swap,
  cpu_temperature_celsius: m.line_cpu,
  disk_read_bytes_per_second: m.line_read,
  disk_write_bytes_per_second: m.line_write,
  network_receive_bytes_per_second: m.line_receive,
  network_transmit_bytes_per_second: m.line_transmit,
};

const lineName = ({ name, device }: Series) => device || (lineNames[name]?.() ?? name);

// A hypervisor that took nothing, or is not there, has no line.
const isShown = (series: Series) =>
  hasFigures(series) &&
  (series.name !== "cpu_steal_percent" || series.values.some((value) => value !== null && value > 0));

export function MachineCharts({ range, marks }: { readonly range: Range; readonly marks: readonly Mark[] }) {
  const { over, isPending, error, retry } = useMachine(range);
  return (
    <section aria-labelledby="machine-charts" className="chart-group">
      <h4 id="machine-charts">{m.charts_machine()}</h4>
      {error !== null && (
        <div role="alert" className="trouble">
          <p>{sentence(error)}</p>
          <Button onClick={retry}>{m.try_again()}</Button>
        </div>
      )}
      {isPending && (
        <p role="status" aria-busy="true" className="panel-quiet">
          {m.loading()}
        </p>
      )}
      {!isPending && error === null && !over && <p className="panel-quiet">{m.charts_none()}</p>}
      {over?.series.some(({ peak }) => peak) && <p className="panel-quiet">{m.charts_peaks()}</p>}
      {over && <Charts over={over} marks={marks} />}
    </section>
  );
}

function Charts({ over, marks }: { readonly over: Over; readonly marks: readonly Mark[] }) {
  const found = useMemo(
    () =>
      plans.flatMap((plan) => {
        const series = pick(over, plan.names).filter(isShown);
        return series.length === 0
          ? []
          : [{ plan, lines: series.map((one) => ({ label: lineName(one), values: one.values, peak: one.peak })) }];
      }),
    [over],
  );
  if (found.length === 0) return <p className="panel-quiet">{m.charts_none()}</p>;
  return (
    <div className="charts">
      {found.map(({ plan, lines }) => (
        <Chart
          key={plan.names[0]}
          title={plan.title()}
          times={over.times}
          from={over.from}
          to={over.to}
          lines={lines}
          top={plan.top}
          whole={plan.unit === "count"}
          format={written(plan.unit)}
          marks={marks}
          sync="monitor"
        />
      ))}
    </div>
  );
}
