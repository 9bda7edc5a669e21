import { useMemo, useState } from "react";
import type { LatencyFilter } from "@/api/monitor";
import { m } from "@/messages/gen/messages.js";
import type { Mark } from "@/parts/chart/marks";
import { useMarks } from "@/state/monitor/hooks";
import { type Range, useRange } from "@/state/monitor/ranges";
import { LatencyCharts } from "./LatencyCharts";
import { MachineCharts } from "./MachineCharts";
import { RangePicker } from "./RangePicker";

// OverTime is how the box did: how long people waited, and what the machine did
// meanwhile. All charts share the range, the cursor and the marks.
export default function OverTime() {
  const range = useRange((state) => state.range);
  const [filter, setFilter] = useState<LatencyFilter>({});
  const marks = useChartMarks(range);
  return (
    <section aria-labelledby="over-time" className="over-time">
      <div className="over-time-head">
        <h3 id="over-time">{m.over_time()}</h3>
        <RangePicker />
      </div>
      <LatencyCharts range={range} filter={filter} onFilter={setFilter} marks={marks} />
      <MachineCharts range={range} marks={marks} />
    </section>
  );
}

const bad: readonly string[] = ["worker_died", "device_changed", "alert_fired"];

const names: Readonly<Record<string, () => string>> = {
  started: m.mark_started,
  model_loaded: m.mark_model_loaded,
  model_unloaded: m.mark_model_unloaded,
  worker_died: m.mark_worker_died,
  device_changed: m.mark_device_changed,
  alert_fired: m.mark_alert_fired,
  alert_resolved: m.mark_alert_resolved,
};

function useChartMarks(range: Range): readonly Mark[] {
  const marks = useMarks(range);
  return useMemo(
    () =>
      marks.map(({ at, kind, text, model }) => {
        // Which model, or which alert; the rest is said by its kind.
        const which = model ?? (kind.startsWith("alert") ? text : "");
        const label = [names[kind]?.() ?? kind, which].filter(Boolean).join(": ");
        return { at: Date.parse(at) / 1000, label, bad: bad.includes(kind) };
      }),
    [marks],
  );
}
