import { getLocale } from "@/messages/gen/runtime.js";
import { bytes, integer, rate } from "../numbers";

// Figures with their units, short: they stand on axes and in tables.

export type Unit = "percent" | "bytes" | "bytes/s" | "seconds" | "celsius" | "watts" | "hertz" | "tokens/s" | "count";

const writers: Readonly<Record<Unit, (value: number) => string>> = {
  percent: (value) => `${few(value)} %`,
  bytes: size,
  "bytes/s": (value) => `${size(value)}/s`,
  seconds,
  celsius: (value) => `${few(value)} °C`,
  watts: (value) => `${few(value)} W`,
  hertz: (value) => (value >= 1e9 ? `${few(value / 1e9)} GHz` : `${few(value / 1e6)} MHz`),
  "tokens/s": (value) => `${rate(value)} tok/s`,
  count: few,
};

export const written = (unit: Unit): ((value: number) => string) => writers[unit];

function few(value: number): string {
  return Math.abs(value) < 10
    ? new Intl.NumberFormat(getLocale(), { maximumFractionDigits: 1 }).format(value)
    : integer(value);
}

// size has the smaller units too: a quiet network moves bytes.
function size(value: number): string {
  if (value >= 1e6) return bytes(value);
  return value >= 1e3 ? `${few(value / 1e3)} kB` : `${integer(value)} B`;
}

// seconds from microseconds to hours, with two digits that say something.
export function seconds(value: number): string {
  if (value === 0) return "0 s";
  if (value < 0.001) return `${few(value * 1e6)} µs`;
  if (value < 1) return `${few(value * 1000)} ms`;
  if (value < 120) return `${few(value)} s`;
  return value < 7200 ? `${few(value / 60)} min` : `${few(value / 3600)} h`;
}

export const milliseconds = (value: number) => seconds(value / 1000);
