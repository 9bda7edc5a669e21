// The page's colours for a canvas, which knows no CSS variables.

let known = new Map<string, string>();
const listeners = new Set<() => void>();
let watching = false;

// color gives a CSS variable's value.
export function color(name: string): string {
  let value = known.get(name);
  if (value === undefined) {
    value = getComputedStyle(document.documentElement).getPropertyValue(name).trim() || "gray";
    known.set(name, value);
  }
  return value;
}

// onTheme calls run when light becomes dark or dark becomes light, and gives
// what ends that.
export function onTheme(run: () => void): () => void {
  if (!watching) {
    watching = true;
    new MutationObserver(() => {
      known = new Map();
      for (const listener of listeners) listener();
    }).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }
  listeners.add(run);
  return () => void listeners.delete(run);
}

// Pixels of one rem: the window's zoom and a person's text size move it.
export const rem = () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;

const palette = 6;
export const lineColor = (line: number) => color(`--chart-${(line % palette) + 1}`);

// Lines differ by their dashes too, for those who do not tell colours apart.
const dashes: readonly (readonly number[])[] = [[], [7, 3], [2, 3], [9, 3, 2, 3], [4, 4], [12, 4]];
export const lineDash = (line: number) => dashes[line % dashes.length] as number[];
