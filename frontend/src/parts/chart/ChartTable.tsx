import { m } from "@/messages/gen/messages.js";
import { type Line, rowsOf, sumUp } from "./figures";
import type { Mark } from "./marks";

const marksShown = 30;

// ChartTable has a chart's figures: newest, lowest, mean and highest of each
// line, then at most 30 rows over its time, newest first, and
// what happened last.
export function ChartTable({
  title,
  times,
  lines,
  marks,
  format,
  written,
  head,
}: {
  readonly title: string;
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly marks: readonly Mark[];
  readonly format: (value: number) => string;
  readonly written: (x: number) => string;
  readonly head: string;
}) {
  const figure = (value: number | null | undefined) => (value == null ? m.chart_unknown() : format(value));
  const sums = lines.map(sumUp);
  const whole = [
    ["last", m.chart_newest()],
    ["min", m.chart_lowest()],
    ["mean", m.chart_mean()],
    ["max", m.chart_highest()],
  ] as const;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable regions take focus
    <section className="chart-table" tabIndex={0} aria-label={m.chart_table_of({ title })}>
      <table className="figures-table">
        <thead>
          <tr>
            <th scope="col">{head}</th>
            {lines.map((line) => (
              <th key={line.label} scope="col" className="is-number">
                {line.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="chart-table-whole">
          {whole.map(([name, text]) => (
            <tr key={name}>
              <th scope="row">{text}</th>
              {sums.map((sum, index) => (
                <td key={lines[index]?.label} className="is-number">
                  {figure(sum?.[name])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        <tbody>
          {rowsOf(times, lines).map((row) => (
            <tr key={row.at}>
              <th scope="row">{written(row.at)}</th>
              {row.values.map((value, index) => (
                <td key={lines[index]?.label} className="is-number">
                  {figure(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {marks.length > 0 && (
        <ul className="chart-marks">
          {marks.slice(-marksShown).map((mark) => (
            <li key={`${mark.at} ${mark.label}`}>
              {written(mark.at)}: {mark.label}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
