import type uPlot from "uplot";
import { tick } from "./clock";
import { lonely, type Values } from "./figures";
import { drawMarks, type Mark } from "./marks";
import { color, lineColor, lineDash, rem } from "./theme";

// What a plot asks for each time it draws: the newest of everything.
export interface Now {
  readonly from: number;
  readonly to: number;
  // Highest value of the scale; undefined: what the values need.
  readonly top: number | undefined;
  readonly marks: readonly Mark[];
  readonly format: (value: number) => string;
  // Text of a place on the x axis that is no time.
  readonly formatX: ((x: number) => string) | undefined;
}

interface Shape {
  readonly lines: number;
  // Each line has a thin one of its peaks, behind all lines in the data.
  readonly peaks: boolean;
  // Two lines, the lower one first, with a coloured area between them.
  readonly band: readonly [number, number] | undefined;
  // Charts with one name share the cursor.
  readonly sync: string | undefined;
  readonly whole: boolean;
  readonly onCursor: (plot: uPlot) => void;
  readonly onDrawn: (plot: uPlot) => void;
}

// plotOptions are fixed for a plot's life; what changes is asked of now.
export function plotOptions(shape: Shape, now: () => Now, width: number, height: number): uPlot.Options {
  const [low, high] = shape.band ?? [];
  return {
    width,
    height,
    // At the right there is room for half of the last tick's text.
    padding: [8, Math.round(rem() * 1.4), 0, 0],
    legend: { show: false },
    cursor: cursorOf(shape.sync),
    select: { show: false, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: { time: false, range: () => [now().from, now().to] },
      y: { range: (_, min, max) => yRange(min, max, now().top) },
    },
    axes: [xAxis(now), yAxis(now, shape.whole)],
    series: [
      {},
      ...Array.from({ length: shape.lines }, (_, line) => lineOf(line)),
      ...Array.from({ length: shape.peaks ? shape.lines : 0 }, (_, line) => peakOf(line)),
    ],
    ...(low !== undefined &&
      high !== undefined && { bands: [{ series: [high + 1, low + 1], fill: () => color("--chart-band") }] }),
    hooks: {
      draw: [(plot) => drawMarks(plot, now().marks), shape.onDrawn],
      setCursor: [shape.onCursor],
    },
  };
}

function cursorOf(sync: string | undefined): uPlot.Cursor {
  return {
    y: false,
    drag: { x: false, y: false, setScale: false },
    points: { size: 7 },
    // The x value is shared, not the place: charts have different axes.
    ...(sync && { sync: { key: sync, setSeries: false, scales: ["x", null] } }),
  };
}

function yRange(min: number | null, max: number | null, top: number | undefined): [number, number] {
  if (top !== undefined) return [0, Math.max(top, max ?? 0)];
  if (min === null || max === null) return [0, 1];
  return [Math.min(0, min), max > 0 ? max * 1.08 : 1];
}

const font = () => `${Math.round(rem() * 0.75)}px ${color("--font-text")}`;

function xAxis(now: () => Now): uPlot.Axis {
  return {
    stroke: () => color("--ink-3"),
    font: font(),
    size: Math.round(rem() * 1.4),
    gap: 4,
    space: Math.round(rem() * 5.5),
    incrs: now().formatX ? undefined : timeSteps,
    splits: now().formatX ? undefined : timeSplits,
    values: (_, places, __, ___, step) => {
      const { formatX } = now();
      return places.map((at) => (formatX ? formatX(at) : tick(at, step)));
    },
    grid: { stroke: () => color("--line"), width: 1 },
    ticks: { show: false },
  } as uPlot.Axis;
}

const minute = 60;
const hour = 3600;
const day = 86_400;
const timeSteps = [
  ...[1, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 3, 4, 6, 12].map((n) => n * hour),
  ...[1, 2, 4, 7, 14, 28].map((n) => n * day),
];

// timeSplits puts ticks on whole minutes, hours and days of this place.
function timeSplits(_: uPlot, __: number, min: number, max: number, step: number): number[] {
  const away = new Date(min * 1000).getTimezoneOffset() * minute;
  const places: number[] = [];
  for (let at = Math.ceil((min - away) / step) * step + away; at <= max; at += step) places.push(at);
  return places;
}

const wholeSteps = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((n) => n * 10 ** power)).flat();

function yAxis(now: () => Now, whole: boolean): uPlot.Axis {
  const least = Math.round(rem() * 3.5);
  return {
    stroke: () => color("--ink-3"),
    font: font(),
    gap: 6,
    ...(whole && { incrs: wholeSteps }),
    space: Math.round(rem() * 1.75),
    values: (_, places) => places.map((value) => now().format(value)),
    size: (plot, values) => {
      plot.ctx.save();
      plot.ctx.font = font();
      const widest = Math.max(0, ...(values ?? []).map((text) => plot.ctx.measureText(text).width));
      plot.ctx.restore();
      // In steps: live charts must not tremble.
      return Math.max(least, Math.ceil((widest + 10) / 8) * 8);
    },
    grid: { stroke: () => color("--line"), width: 1 },
    ticks: { show: false },
  };
}

function peakOf(line: number): uPlot.Series {
  return { stroke: () => lineColor(line), width: 0.75, alpha: 0.6, spanGaps: false, points: { show: false } };
}

function lineOf(line: number): uPlot.Series {
  return {
    stroke: () => lineColor(line),
    width: 1.5,
    dash: lineDash(line),
    spanGaps: false,
    points: {
      show: false,
      size: 5,
      fill: () => lineColor(line),
      filter: (plot, index) => lonely(plot.data[index] as Values),
    },
  };
}
