import { create } from "zustand";
import { keep, readKept } from "../prefs";

// The times that the charts can show, in minutes.

export const ranges = [5, 15, 60, 360, 1440, 10_080, 43_200, 129_600] as const;
export type Range = (typeof ranges)[number];

// Up to here the seconds are drawn as they come; above, what was kept.
const liveMinutes = 10;
export const isLive = (range: Range) => range <= liveMinutes;

// rangeOf takes what a browser has kept.
export const rangeOf = (kept: string | null): Range => ranges.find((range) => String(range) === kept) ?? 5;

export const useRange = create<{ readonly range: Range }>(() => ({ range: rangeOf(readKept("range")) }));

export function setRange(range: Range): void {
  useRange.setState({ range });
  keep("range", String(range));
}

// everyMs is how often a range is read anew: when a new point may be there, and
// at least each five minutes.
export function everyMs(range: Range): number {
  const points = 720;
  return Math.min(300_000, Math.max(10_000, (range * 60_000) / points));
}
