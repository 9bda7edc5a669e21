import "uplot/dist/uPlot.min.css";
import { Table2 } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import uPlot from "uplot";
import { m } from "@/messages/gen/messages.js";
import { IconButton } from "./Button";
import { ChartTable } from "./chart/ChartTable";
import { moment } from "./chart/clock";
import { type Line, summarize, sumUp } from "./chart/figures";
import { forget, nextFrame } from "./chart/frames";
import { Legend, type LegendParts, writeLegend } from "./chart/Legend";
import type { Mark } from "./chart/marks";
import { type Now, plotOptions } from "./chart/plot";
import { onTheme, rem } from "./chart/theme";

export interface ChartProps {
  readonly title: string;
  // Unix seconds, rising; with formatX any rising numbers.
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly band?: readonly [number, number] | undefined;
  // The window that is shown, in the unit of times.
  readonly from: number;
  readonly to: number;
  readonly top?: number | undefined;
  // Values are whole numbers: so are the ticks.
  readonly whole?: boolean | undefined;
  readonly format: (value: number) => string;
  readonly formatX?: ((x: number) => string) | undefined;
  readonly marks?: readonly Mark[] | undefined;
  readonly sync?: string | undefined;
  readonly heightRem?: number | undefined;
  // Beside the title.
  readonly children?: ReactNode;
}

const noMarks: readonly Mark[] = [];

// Chart is one picture of figures over time, and a table of the same for those
// who do not see it.
export function Chart(props: ChartProps) {
  const { title, times, lines, from, to, format, formatX, children } = props;
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  const place = useRef<HTMLDivElement>(null);
  const legend = useRef<LegendParts>({ when: null, values: [] });
  usePlot(props, place, legend);
  const written = (x: number) => (formatX ? formatX(x) : moment(x, to - from));
  const known = lines.some((line) => summarize(line.values) !== null);
  return (
    <figure className="chart" aria-labelledby={id}>
      <figcaption className="chart-head">
        <span id={id} className="chart-title">
          {title}
        </span>
        {children}
        <IconButton
          size="sm"
          label={asTable ? m.chart_table_hide({ title }) : m.chart_table({ title })}
          aria-expanded={asTable}
          onClick={() => setAsTable(!asTable)}
        >
          <Table2 size={15} />
        </IconButton>
      </figcaption>
      <Legend lines={lines} parts={legend.current} />
      <div
        ref={place}
        className="chart-place"
        role="img"
        aria-label={summaryOf(title, lines, format)}
        style={{ height: `${props.heightRem ?? 10}rem` }}
      >
        {!known && <p className="chart-empty">{m.chart_empty()}</p>}
      </div>
      {asTable && (
        <ChartTable
          title={title}
          times={times}
          lines={lines}
          marks={props.marks ?? noMarks}
          format={format}
          written={written}
          head={formatX ? m.chart_place() : m.chart_time()}
        />
      )}
    </figure>
  );
}

const told = 3;

// summaryOf is what is heard in the place of the picture.
function summaryOf(title: string, lines: readonly Line[], format: (value: number) => string): string {
  const parts: string[] = [];
  for (const line of lines) {
    const found = sumUp(line);
    if (!found) continue;
    if (parts.length === told) {
      parts.push(m.chart_summary_more());
      break;
    }
    const { last, min, mean, max } = found;
    parts.push(
      m.chart_summary({
        name: line.label,
        last: format(last),
        min: format(min),
        max: format(max),
        mean: format(mean),
      }),
    );
  }
  return `${title}. ${parts.length === 0 ? m.chart_empty() : parts.join(" ")}`;
}

// usePlot keeps one uPlot in place: made anew when its lines are others, given
// new data otherwise.
function usePlot(
  props: ChartProps,
  place: React.RefObject<HTMLDivElement | null>,
  legend: React.RefObject<LegendParts>,
): void {
  const { times, lines, from, to, top, whole = false, format, formatX, marks = noMarks, band, sync } = props;
  const now = useRef<Now & Pick<ChartProps, "times" | "lines">>(null as never);
  now.current = { times, lines, from, to, top, format, formatX, marks };
  const plot = useRef<uPlot>(null);
  const count = lines.length;
  const peaks = hasPeaks(lines);
  const [low, high] = band ?? [];
  const inWords = formatX !== undefined;

  // biome-ignore lint/correctness/useExhaustiveDependencies: inWords changes the axis, which is made once
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const write = (made: uPlot) => writeLegend(legend.current, made, now.current);
    const shape = {
      lines: count,
      peaks,
      band: low !== undefined && high !== undefined ? ([low, high] as const) : undefined,
      sync,
      whole,
      onCursor: write,
      onDrawn: (made: uPlot) => {
        write(made);
        element.dataset.newest = String(now.current.times.at(-1) ?? "");
      },
    };
    const size = () => ({ width: Math.max(80, element.clientWidth), height: element.clientHeight || rem() * 10 });
    const first = size();
    const made = new uPlot(
      plotOptions(shape, () => now.current, first.width, first.height),
      dataOf(now.current),
      element,
    );
    plot.current = made;
    const resized = new ResizeObserver(() => nextFrame(resized, () => made.setSize(size())));
    resized.observe(element);
    const endTheme = onTheme(() => nextFrame(element, () => made.redraw(false)));
    return () => {
      plot.current = null;
      resized.disconnect();
      endTheme();
      for (const owner of [resized, element, made]) forget(owner);
      made.destroy();
    };
  }, [place, legend, count, peaks, low, high, sync, whole, inWords]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn when one of these is another one
  useEffect(() => {
    const made = plot.current;
    if (made) nextFrame(made, () => made.setData(dataOf(now.current)));
  }, [times, lines, from, to, top, marks]);
}

const hasPeaks = (lines: readonly Line[]) => lines.some(({ peak }) => peak);

function dataOf({ times, lines }: Pick<ChartProps, "times" | "lines">): uPlot.AlignedData {
  const all = lines.map(({ values }) => values as (number | null)[]);
  const peaks = hasPeaks(lines) ? lines.map(({ values, peak }) => (peak ?? values) as (number | null)[]) : [];
  return [times as number[], ...all, ...peaks];
}
