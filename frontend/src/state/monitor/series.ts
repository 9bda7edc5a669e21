import type { Latency, MachineHistory } from "@/api/monitor";
import type { Sample } from "@/api/types";

// Figures over time as charts take them. Pure. An unknown figure is null.

export type Values = readonly (number | null)[];

export interface Series {
  // As in the contract: cpu_percent, gpu_power_watts, ...
  readonly name: string;
  // Which of several: a GPU's name and number.
  readonly device?: string | undefined;
  readonly values: Values;
  // The highest of each step, where the values are means.
  readonly peak?: Values;
}

export interface Over {
  readonly from: number;
  readonly to: number;
  readonly times: readonly number[];
  readonly series: readonly Series[];
}

// The samples come once a second; a longer silence is a gap.
const gapSeconds = 3;

// ofSamples makes series of the samples of the last minutes. The window ends at
// the newest sample.
export function ofSamples(samples: readonly Sample[], minutes: number): Over | null {
  const newest = samples.at(-1);
  if (!newest) return null;
  const to = unix(newest.at);
  const from = to - minutes * 60;
  const times: number[] = [];
  const rows: (Readonly<Record<string, number>> | null)[] = [];
  for (const sample of samples) {
    const time = unix(sample.at);
    if (time < from) continue;
    const before = times.at(-1);
    if (before !== undefined && time - before > gapSeconds) {
      times.push(before + 1);
      rows.push(null);
    }
    times.push(time);
    rows.push(figuresOf(sample));
  }
  const names = new Set(rows.flatMap((row) => (row ? Object.keys(row) : [])));
  const series = [...names].map((full) => {
    const [name = "", device] = full.split("\n");
    return { name, device, values: rows.map((row) => row?.[full] ?? null) };
  });
  return { from, to, times, series };
}

const unix = (at: string) => Date.parse(at) / 1000;

// figuresOf names a sample's figures as the history does; those of a device
// bear its name after a line break.
function figuresOf(sample: Sample): Record<string, number> {
  const { cpu, memory, swap, disk, network, battery, engine } = sample;
  const figures: Record<string, number | undefined> = {
    cpu_percent: cpu?.percent,
    // Absent is none here: the box leaves a zero out.
    cpu_steal_percent: cpu && (cpu.steal_percent ?? 0),
    cpu_frequency_hertz: cpu?.frequency_hertz,
    cpu_temperature_celsius: hottest(sample),
    memory_used_bytes: memory?.used_bytes,
    swap_used_bytes: swap?.used_bytes,
    disk_free_bytes: disk?.free_bytes,
    disk_read_bytes_per_second: disk?.read_bytes_per_second,
    disk_write_bytes_per_second: disk?.write_bytes_per_second,
    network_receive_bytes_per_second: network?.receive_bytes_per_second,
    network_transmit_bytes_per_second: network?.transmit_bytes_per_second,
    battery_percent: battery?.percent,
    worker_cpu_percent: engine?.worker?.cpu_percent,
    worker_resident_bytes: engine?.worker?.resident_bytes,
    answers_active: engine?.active,
    answers_queued: engine?.queued,
    tokens_per_second: engine?.tokens_per_sec,
  };
  for (const { gpu, number } of numbered(sample.gpus ?? [])) {
    const device = gpuName(gpu.name, number);
    figures[`gpu_utilization_percent\n${device}`] = gpu.utilization_percent;
    figures[`gpu_memory_used_bytes\n${device}`] = gpu.memory_used_bytes;
    figures[`gpu_temperature_celsius\n${device}`] = gpu.temperature_celsius;
    figures[`gpu_power_watts\n${device}`] = gpu.power_watts;
  }
  return Object.fromEntries(Object.entries(figures).filter((one): one is [string, number] => one[1] !== undefined));
}

// hottest is the warmest place of the processors.
function hottest({ temperatures = [] }: Sample): number | undefined {
  const known = temperatures.flatMap((one) => (one.cpu ? one.celsius : []));
  return known.length > 0 ? Math.max(...known) : undefined;
}

export const gpuName = (name: string | undefined, number: number) => `${name ?? "GPU"} #${number}`;

// numbered gives each card its number among those of its vendor, as the box does:
// while one vendor's driver gives no answer, the others keep theirs.
export function numbered(gpus: NonNullable<Sample["gpus"]>) {
  const seen = new Map<string | undefined, number>();
  return gpus.map((gpu) => {
    const number = seen.get(gpu.vendor) ?? 0;
    seen.set(gpu.vendor, number + 1);
    return { gpu, number };
  });
}

// ofHistory takes the means of what the box kept, and the peaks that they hide.
export function ofHistory(history: MachineHistory): Over {
  return {
    from: unix(history.from),
    to: unix(history.to),
    times: history.times,
    series: history.series.map(({ name, device, mean, max }) => ({ name, device, values: mean, peak: max })),
  };
}

export const percentiles = ["p50", "p95", "p99"] as const;

// ofLatency makes three series of each figure: first_token_seconds p50, ...
export function ofLatency(latency: Latency): Over {
  const { times, requests_per_hour } = latency;
  return {
    from: unix(latency.from),
    to: unix(latency.to),
    times,
    series: [
      ...latency.series.flatMap((one) =>
        percentiles.map((which) => ({ name: one.name, device: which, values: one[which] })),
      ),
      { name: "requests_per_hour", values: requests_per_hour },
    ],
  };
}

// pick gives the series with one of these names, in the order of the names.
export const pick = (over: Over, names: readonly string[]): Series[] =>
  names.flatMap((name) => over.series.filter((series) => series.name === name));

export const hasFigures = ({ values }: Series) => values.some((value) => value !== null);
