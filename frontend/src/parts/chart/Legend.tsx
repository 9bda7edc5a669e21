import type uPlot from "uplot";
import { m } from "@/messages/gen/messages.js";
import { moment } from "./clock";
import { type Line, summarize } from "./figures";
import { markAt } from "./marks";
import type { Now } from "./plot";
import { lineDash } from "./theme";

// The places that are written while the cursor moves, past React: sixty times a
// second, for all charts that share the cursor.
export interface LegendParts {
  when: HTMLElement | null;
  readonly values: (HTMLElement | null)[];
}

// Legend has each line's name and its value under the cursor, or its newest.
// Those who hear the page have the summary and the table.
export function Legend({ lines, parts }: { readonly lines: readonly Line[]; readonly parts: LegendParts }) {
  return (
    <div className="chart-legend" aria-hidden="true">
      <ul>
        {lines.map((line, index) => (
          <li key={line.label}>
            <Swatch line={index} />
            <span className="chart-name">{line.label}</span>
            <span
              className="chart-value"
              ref={(element) => {
                parts.values[index] = element;
              }}
            />
          </li>
        ))}
      </ul>
      <span
        className="chart-when"
        ref={(element) => {
          parts.when = element;
        }}
      />
    </div>
  );
}

export function Swatch({ line }: { readonly line: number }) {
  return (
    <svg width="18" height="8" viewBox="0 0 18 8" aria-hidden="true">
      <line
        x1="0"
        y1="4"
        x2="18"
        y2="4"
        strokeWidth="2"
        stroke={`var(--chart-${(line % 6) + 1})`}
        strokeDasharray={lineDash(line).join(" ")}
      />
    </svg>
  );
}

// writeLegend says what is under the cursor; without one, what is newest.
export function writeLegend(
  parts: LegendParts,
  plot: uPlot,
  now: Now & { readonly times: readonly number[]; readonly lines: readonly Line[] },
): void {
  const { idx } = plot.cursor;
  now.lines.forEach((line, index) => {
    const value = idx == null ? summarize(line.values)?.last : line.values[idx];
    const peak = idx == null ? undefined : line.peak?.[idx];
    const text = value == null ? m.chart_unknown() : now.format(value);
    const highest = peak == null ? text : now.format(peak);
    put(parts.values[index], highest === text ? text : m.chart_peak({ value: text, peak: highest }));
  });
  const at = idx == null ? undefined : now.times[idx];
  const mark = markAt(plot, now.marks);
  const when = at === undefined ? "" : now.formatX ? now.formatX(at) : moment(mark?.at ?? at, now.to - now.from);
  put(parts.when, mark ? `${when} · ${mark.label}` : when);
}

function put(element: HTMLElement | null | undefined, text: string): void {
  if (element && element.textContent !== text) element.textContent = text;
}
