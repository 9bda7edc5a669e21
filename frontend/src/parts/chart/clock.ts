import { getLocale } from "@/messages/gen/runtime.js";

// Moments as the reader's language and clock write them. Unix seconds.

const daySeconds = 86_400;

type Style = "second" | "minute" | "day" | "moment";
const styles: Record<Style, Intl.DateTimeFormatOptions> = {
  second: { timeStyle: "medium" },
  minute: { timeStyle: "short" },
  day: { month: "short", day: "numeric" },
  moment: { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" },
};
const made = new Map<Style, Intl.DateTimeFormat>();

function write(style: Style, at: number): string {
  let format = made.get(style);
  if (!format) {
    format = new Intl.DateTimeFormat(getLocale(), styles[style]);
    made.set(style, format);
  }
  return format.format(at * 1000);
}

// tick is a moment on an axis whose ticks are step seconds apart. The first of
// a day says which day it is.
export function tick(at: number, step: number): string {
  if (step >= daySeconds) return write("day", at);
  const date = new Date(at * 1000);
  if (step >= 3600 && date.getHours() === 0 && date.getMinutes() === 0) return write("day", at);
  return write(step < 60 ? "second" : "minute", at);
}

// moment is a time as precise as a chart of so many seconds can tell it.
export function moment(at: number, span: number): string {
  if (span <= 600) return write("second", at);
  return write(span < daySeconds ? "minute" : "moment", at);
}
