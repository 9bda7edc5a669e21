import type uPlot from "uplot";
import { color, rem } from "./theme";

// Mark is something that happened at one moment.
export interface Mark {
  readonly at: number;
  readonly label: string;
  readonly bad?: boolean;
}

// drawMarks draws a vertical line for each, and its label where there is room.
export function drawMarks(plot: uPlot, marks: readonly Mark[]): void {
  if (marks.length === 0) return;
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  const size = Math.round(rem() * 0.6875 * scale);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.font = `${size}px ${color("--font-text")}`;
  ctx.textBaseline = "top";
  ctx.textAlign = "left";
  ctx.lineWidth = scale;
  let free = bbox.left;
  let drawn = Number.NEGATIVE_INFINITY;
  for (const mark of marks) {
    const x = Math.round(plot.valToPos(mark.at, "x", true)) + 0.5;
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    // Months have hundreds: what lies on the last line is not drawn again.
    if (x - drawn < 3 * scale && !mark.bad) continue;
    drawn = x;
    ctx.strokeStyle = ctx.fillStyle = color(mark.bad ? "--bad" : "--ink-3");
    ctx.setLineDash([3 * scale, 3 * scale]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const width = ctx.measureText(mark.label).width;
    const left = x + 4 * scale;
    if (left < free || left + width > bbox.left + bbox.width) continue;
    ctx.globalAlpha = 0.85;
    ctx.fillStyle = color("--surface");
    ctx.fillRect(left - scale, bbox.top, width + 2 * scale, size + 2 * scale);
    ctx.globalAlpha = 1;
    ctx.fillStyle = color(mark.bad ? "--bad" : "--ink-2");
    ctx.fillText(mark.label, left, bbox.top + scale);
    free = left + width + 8 * scale;
  }
  ctx.restore();
}

const nearPixels = 8;

// markAt finds the mark that the cursor is on.
export function markAt(plot: uPlot, marks: readonly Mark[]): Mark | undefined {
  const left = plot.cursor.left ?? -1;
  if (left < 0) return undefined;
  let best: Mark | undefined;
  let distance = nearPixels;
  for (const mark of marks) {
    const away = Math.abs(plot.valToPos(mark.at, "x") - left);
    if (away >= distance) continue;
    distance = away;
    best = mark;
  }
  return best;
}
