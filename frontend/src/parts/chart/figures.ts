// What a chart says in words and numbers. Pure. An unknown value is null and is
// counted nowhere.

export type Values = readonly (number | null)[];

export interface Line {
  readonly label: string;
  readonly values: Values;
  // The highest of each step, where a value is the mean of one.
  readonly peak?: Values | undefined;
}

export interface Summary {
  readonly last: number;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
}

// summarize gives null where nothing is known.
export function summarize(values: Values): Summary | null {
  let last = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue;
    last = value;
    sum += value;
    count++;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return count === 0 ? null : { last, min, mean: sum / count, max };
}

// sumUp is a line's summary; what is highest stands in its peaks, if it has any.
export function sumUp({ values, peak }: Line): Summary | null {
  const found = summarize(values);
  const highest = peak && summarize(peak);
  return found && highest ? { ...found, max: Math.max(found.max, highest.max) } : found;
}

export interface Row {
  readonly at: number;
  readonly values: Values;
}

// rowsOf makes at most `most` rows, newest first. More points than that are
// joined: a row is the mean of its points and bears the time of its last one.
export function rowsOf(times: readonly number[], lines: readonly Line[], most = 30): Row[] {
  const size = Math.max(1, Math.ceil(times.length / most));
  const rows: Row[] = [];
  for (let end = times.length; end > 0; end -= size) {
    const begin = Math.max(0, end - size);
    const values = lines.map((line) => summarize(line.values.slice(begin, end))?.mean ?? null);
    if (values.some((value) => value !== null)) rows.push({ at: times[end - 1] as number, values });
  }
  return rows;
}

// lonely lists the points that have no neighbour: no line goes through them, so
// they are drawn as dots.
export function lonely(values: Values): number[] {
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (values[i] == null) continue;
    if (values[i - 1] == null && values[i + 1] == null) found.push(i);
  }
  return found;
}
