import { getLocale } from "@/messages/gen/runtime.js";

// Numbers as the reader's language writes them.

export const integer = (n: number) => new Intl.NumberFormat(getLocale()).format(Math.round(n));

const oneDigit = (n: number) => new Intl.NumberFormat(getLocale(), { maximumFractionDigits: n < 10 ? 1 : 0 }).format(n);

export const rate = (n: number) => oneDigit(n);

export const fraction = (n: number) => new Intl.NumberFormat(getLocale(), { maximumFractionDigits: 2 }).format(n);

// bytes in decimal units, as disks and download pages count.
export function bytes(n: number): string {
  if (n < 100) return `${integer(n)} B`;
  if (n >= 1e9) return `${oneDigit(n / 1e9)} GB`;
  if (n < 1e5) return `${oneDigit(n / 1e3)} kB`;
  return `${oneDigit(n / 1e6)} MB`;
}

// duration of milliseconds: "0.8 s", "12 s", "2 min 5 s".
export function duration(ms: number): string {
  const s = ms / 1000;
  if (s < 60) return `${oneDigit(s)} s`;
  return `${Math.floor(s / 60)} min ${Math.round(s % 60)} s`;
}

export const dateTime = (iso: string) =>
  new Intl.DateTimeFormat(getLocale(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));

// timeOfDay is short for today and has the date of other days.
export function timeOfDay(iso: string, now = new Date()): string {
  const at = new Date(iso);
  const clock = new Intl.DateTimeFormat(getLocale(), { timeStyle: "medium" }).format(at);
  if (at.toDateString() === now.toDateString()) return clock;
  return `${new Intl.DateTimeFormat(getLocale(), { month: "short", day: "numeric" }).format(at)}, ${clock}`;
}
