import type { LatencyFilter } from "@/api/monitor";
import { m } from "@/messages/gen/messages.js";
import { useLatency } from "@/state/monitor/hooks";
import type { Range } from "@/state/monitor/ranges";
import { Choice } from "../Choice";
import { className, routeName } from "../names";

const everything = {};

// LatencyFilters offers what there was in this range.
export function LatencyFilters({
  range,
  filter,
  onFilter,
}: {
  readonly range: Range;
  readonly filter: LatencyFilter;
  readonly onFilter: (filter: LatencyFilter) => void;
}) {
  const { data } = useLatency(range, everything);
  const totals = data?.totals ?? [];
  const choose = (field: keyof LatencyFilter) => (value: string) => {
    const { [field]: _, ...rest } = filter;
    onFilter(value ? { ...rest, [field]: value } : rest);
  };
  return (
    <div className="filters">
      <Choice
        label={m.filter_model()}
        value={filter.model}
        of={totals.map((one) => one.model)}
        onChange={choose("model")}
      />
      <Choice
        label={m.filter_route()}
        value={filter.route}
        of={totals.map((one) => one.route)}
        name={routeName}
        onChange={choose("route")}
      />
      <Choice
        label={m.filter_class()}
        value={filter.class}
        of={totals.map((one) => one.class)}
        name={className}
        onChange={choose("class")}
      />
    </div>
  );
}
