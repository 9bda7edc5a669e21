import { m } from "@/messages/gen/messages.js";
import { type Range, ranges, setRange, useRange } from "@/state/monitor/ranges";

const names: Record<Range, () => string> = {
  5: m.range_5m,
  15: m.range_15m,
  60: m.range_1h,
  360: m.range_6h,
  1440: m.range_24h,
  10080: m.range_7d,
  43200: m.range_30d,
  129600: m.range_90d,
};

export const rangeName = (range: Range) => names[range]();

export function RangePicker() {
  const range = useRange((state) => state.range);
  return (
    <fieldset className="segments range-picker">
      <legend className="sr-only">{m.range()}</legend>
      {ranges.map((one) => (
        <label key={one}>
          <input type="radio" name="range" checked={one === range} onChange={() => setRange(one)} />
          <span>{rangeName(one)}</span>
        </label>
      ))}
    </fieldset>
  );
}
