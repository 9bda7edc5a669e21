import { beforeEach, describe, expect, it } from "vitest";
import { decode } from "@/api/events";
import type { Latency, RequestRow } from "@/api/monitor";
import type { EngineBody, Model, Sample } from "@/api/types";
import { queries } from "@/state/client";
import { firstToken, readShare, working } from "@/state/monitor/glance";
import { memories } from "@/state/monitor/memory";
import { everyMs, isLive, rangeOf, ranges } from "@/state/monitor/ranges";
import { flat, heldBack, type Pages, withNewest } from "@/state/monitor/requests";
import { joined, takeSample } from "@/state/monitor/samples";
import { ofLatency, ofSamples, pick } from "@/state/monitor/series";
import { milliseconds, seconds, written } from "@/state/monitor/units";
import { timeOfDay } from "@/state/numbers";
import { receive } from "@/state/sync";

const start = Date.parse("2026-11-28T10:00:00Z");
const sample = (second: number, more: Partial<Sample> = {}): Sample => ({
  at: new Date(start + second * 1000).toISOString(),
  cpu: { percent: second % 100 },
  ...more,
});
const run = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => sample(from + i));

describe("ranges", () => {
  it("takes what the browser kept, and five minutes for anything else", () => {
    expect(rangeOf("1440")).toBe(1440);
    for (const kept of [null, "", "7", "1440.5", "NaN", "-5"]) expect(rangeOf(kept)).toBe(5);
  });

  it("draws only short ranges from the seconds, and reads no range more often than each ten seconds", () => {
    expect(ranges.filter(isLive)).toEqual([5]);
    for (const range of ranges) {
      expect(everyMs(range)).toBeGreaterThanOrEqual(10_000);
      expect(everyMs(range)).toBeLessThanOrEqual(300_000);
    }
  });
});

describe("samples", () => {
  it("joins history and events: each once, in order", () => {
    const all = joined(run(0, 10), run(8, 12));
    expect(all.map((one) => one.at)).toEqual(run(0, 12).map((one) => one.at));
    expect(joined([], [])).toEqual([]);
    expect(joined([], run(1, 2))).toHaveLength(2);
  });

  it("forgets what is older than ten minutes", () => {
    const all = joined(run(0, 600), run(601, 700));
    expect(all[0]?.at).toBe(sample(100).at);
    expect(all).toHaveLength(601);
  });

  it("begins anew when the box's clock was put back", () => {
    queries.setQueryData(["samples"], run(100, 110));
    for (const one of run(108, 111)) takeSample(one);
    expect(queries.getQueryData<Sample[]>(["samples"])).toHaveLength(12);
    takeSample(sample(5));
    expect(queries.getQueryData<Sample[]>(["samples"])).toEqual([sample(5)]);
    queries.clear();
  });
});

describe("series", () => {
  it("has a gap where samples are missing and where a figure is unknown", () => {
    const all = [...run(0, 2), ...run(60, 61), { ...sample(62), cpu: undefined } as never as Sample];
    const over = ofSamples(all, 5);
    const [cpu] = pick(over as NonNullable<typeof over>, ["cpu_percent"]);
    expect(cpu?.values).toEqual([0, 1, 2, null, 60, 61, null]);
    expect(over?.times.map((at) => at - start / 1000)).toEqual([0, 1, 2, 3, 60, 61, 62]);
    expect((over?.to ?? 0) - (over?.from ?? 0)).toBe(300);
  });

  it("shows one sample, and nothing of none", () => {
    expect(ofSamples([sample(7)], 5)?.times).toHaveLength(1);
    expect(ofSamples([], 5)).toBeNull();
  });

  it("tells GPUs apart by number and invents no sensor", () => {
    const gpus = [
      { name: "H100", utilization_percent: 4 },
      { name: "H100", temperature_celsius: 50 },
    ];
    const over = ofSamples([sample(0, { gpus })], 5);
    const names = over?.series.map(({ name, device }) => [name, device].join(" "));
    expect(names).toEqual([
      "cpu_percent ",
      "cpu_steal_percent ",
      "gpu_utilization_percent H100 #0",
      "gpu_temperature_celsius H100 #1",
    ]);
    // While NVIDIA's driver gives no answer, the other one is still the same.
    const intel = { name: "Intel GPU", vendor: "intel", power_watts: 9 } as const;
    const both = ofSamples([sample(0, { gpus: [{ vendor: "nvidia" }, intel] }), sample(1, { gpus: [intel] })], 5);
    expect(pick(both as NonNullable<typeof both>, ["gpu_power_watts"])).toEqual([
      { name: "gpu_power_watts", device: "Intel GPU #0", values: [9, 9] },
    ]);
  });

  it("takes the three percentiles of each figure", () => {
    const latency = {
      ...{ from: sample(0).at, to: sample(60).at, step_seconds: 30, times: [0, 30], totals: [] },
      series: [{ name: "queue_seconds", p50: [1, null], p95: [2, null], p99: [3, null], count: [1, 0] }],
      requests_per_hour: [120, 0],
    } satisfies Latency;
    const over = ofLatency(latency);
    expect(pick(over, ["queue_seconds"]).map(({ device, values }) => [device, values[0]])).toEqual([
      ["p50", 1],
      ["p95", 2],
      ["p99", 3],
    ]);
    expect(over.to - over.from).toBe(60);
  });
});

describe("units", () => {
  it("writes figures with their units", () => {
    expect([
      seconds(0),
      seconds(0.00002),
      seconds(0.123),
      seconds(1.26),
      seconds(90),
      seconds(300),
      seconds(8000),
    ]).toEqual(["0 s", "20 µs", "123 ms", "1.3 s", "90 s", "5 min", "2.2 h"]);
    expect(milliseconds(1500)).toBe("1.5 s");
    expect(written("bytes/s")(0)).toBe("0 B/s");
    expect(written("bytes/s")(1234)).toBe("1.2 kB/s");
    expect(written("bytes")(2.4e10)).toBe("24 GB");
    expect(written("hertz")(1.98e9)).toBe("2 GHz");
    expect(written("celsius")(71.4)).toBe("71 °C");
    expect(written("percent")(0.25)).toBe("0.3 %");
  });

  it("has the date of a day that is not today", () => {
    const now = new Date(2026, 10, 28, 12);
    expect(timeOfDay(new Date(2026, 10, 28, 9, 5, 7).toISOString(), now)).toMatch(/^9:05:07\sAM$/);
    expect(timeOfDay(new Date(2026, 10, 27, 9, 5, 7).toISOString(), now)).toMatch(/^Nov 27, 9:05:07\sAM$/);
  });
});

describe("requests", () => {
  const row = (id: number) => ({ id: String(id) }) as RequestRow;
  const page = (ids: number[], next?: string) => ({ requests: ids.map(row), ...(next && { next }) });
  const known = (...pages: ReturnType<typeof page>[]): Pages => ({ pages, pageParams: pages.map(() => "") });

  it("puts new rows on top, once, and leaves the list alone when there are none", () => {
    const before = known(page([3, 2], "2"), page([1]));
    expect(flat(withNewest(before, page([5, 4, 3], "3"), false)).map(({ id }) => id)).toEqual([
      "5",
      "4",
      "3",
      "2",
      "1",
    ]);
    expect(withNewest(before, page([3, 2], "2"), false)).toBe(before);
    expect(flat(withNewest(known(page([])), page([1]), false)).map(({ id }) => id)).toEqual(["1"]);
  });

  it("begins anew when more came than a page holds: the list has no hole", () => {
    const after = withNewest(known(page([3, 2], "2"), page([1])), page([9, 8], "8"), true);
    expect(flat(after).map(({ id }) => id)).toEqual(["9", "8"]);
    expect(after.pages.at(-1)?.next).toBe("8");
  });

  it("lets old rows go while nobody reads, and none while somebody does", () => {
    const many = known(page(Array.from({ length: 1000 }, (_, i) => 1000 - i)));
    const next = page([1001, 1000, 999], "999");
    expect(flat(withNewest(many, next, true))).toHaveLength(1001);
    expect(withNewest(many, next, false)).toEqual({ pages: [next], pageParams: [""] });
  });

  it("holds back what came after the reading began", () => {
    const rows = [5, 4, 3].map(row);
    expect([null, "3", "5", "gone"].map((top) => heldBack(rows, top))).toEqual([0, 2, 0, 0]);
  });
});

describe("memory", () => {
  const device = { layers: 1, weights: 4e9, kv: 1e9, compute: 1e8, process: 2e8, free: 0, reserve: 0 };
  const model = { id: "a", fit: { cells: 1000, devices: [{ ...device, name: "CUDA0" }] } } as unknown as Model;
  const loaded = { model: "a", ready: true, active: 0, queued: 0, cells: 1000, cells_used: 400 };
  const devices = [{ name: "CUDA0", description: "L4", kind: "gpu", backend: "cuda", total: 24e9, free: 20e9 }];
  const tree = [
    { tokens: 100, label: "everybody" },
    { tokens: 200, label: "key" },
    { tokens: 50, label: "news" },
  ];
  const engine = { status: { model: "a", loaded: [loaded], devices }, view: { tree } } as unknown as EngineBody;
  const gpus = [{ name: "L4", memory_total_bytes: 24e9, memory_used_bytes: 8e9 }];
  const partsOf = (found: ReturnType<typeof memories>) =>
    Object.fromEntries(found[0]?.parts.map(({ part, bytes }) => [part, bytes]) ?? []);

  it("divides the cache by whom it belongs to, and the rest by the sensors", () => {
    const found = memories([model], engine, sample(0, { gpus }));
    expect(found[0]).toMatchObject({ name: "CUDA0", description: "L4", total: 24e9 });
    expect(partsOf(found)).toEqual({
      ...{ weights: 4e9, compute: 1e8, process: 2e8, others: 2.7e9, free: 16e9 },
      ...{ everybody: 1e8, key: 2e8, used: 1e8, cache_free: 6e8 },
    });
  });

  it("takes no other card's figures, and shows no rest where nobody tells what is used", () => {
    // The engine is given the second of two cards by CUDA_VISIBLE_DEVICES.
    const first = { name: "L4", memory_total_bytes: 24e9, memory_used_bytes: 20e9 };
    const found = memories([model], engine, sample(0, { gpus: [first, ...gpus] }));
    expect(found[0]).toMatchObject({ total: 24e9, description: "L4" });
    for (const rest of ["others", "free"]) {
      expect(partsOf(found)).not.toHaveProperty(rest);
      expect(partsOf(memories([model], engine, null))).not.toHaveProperty(rest);
    }
    // One card that two backends know is one card.
    const twice = [{ ...devices[0], name: "Vulkan0", backend: "vulkan" }, ...devices];
    const both = { ...engine, status: { ...engine.status, devices: twice } } as unknown as EngineBody;
    expect(partsOf(memories([model], both, sample(0, { gpus })))).toMatchObject({ others: 2.7e9, free: 16e9 });
  });

  it("never shows more cache than there is, and no size that nobody tells", () => {
    const full = { ...engine, view: { tree: [{ tokens: 5000, label: "user" }] } } as unknown as EngineBody;
    expect(partsOf(memories([model], full, null))).toMatchObject({ user: 1e9, weights: 4e9 });
    const unknown = { ...full, status: { ...full.status, devices: null } } as unknown as EngineBody;
    expect(memories([model], unknown, null)[0]?.total).toBeUndefined();
    expect(memories([], engine, null)).toEqual([]);
  });
});

describe("glance", () => {
  it("takes the slowest kind of request for the first word", () => {
    const total = (p95: number, of = "api") => ({ class: of, figures: { first_token_seconds: { p95 } } }) as never;
    expect(firstToken([total(0.4), total(2), { figures: {} } as never])).toBe(2);
    // Nobody waits for the house check.
    expect(firstToken([total(0.4), total(90, "batch")])).toBe(0.4);
    expect(firstToken([])).toBeNull();
  });

  it("counts the cards that work for us, and all where nobody knows", () => {
    const ours = { name: "H100", processes: [{ pid: 1 }, { pid: 2, worker: true }] };
    const rests = { name: "Intel GPU", processes: [{ pid: 3 }] };
    expect(working([rests, ours])).toEqual([ours]);
    expect(working([rests, {}])).toEqual([rests, {}]);
  });

  it("says how much of a prompt was read", () => {
    const slot = { prompt: 100, cached: 20, have: 50 } as never;
    expect(readShare(slot)).toBe(0.5);
    expect(readShare({ prompt: 0, cached: 0, have: 9 } as never)).toBe(0);
    expect(readShare({ prompt: 10, cached: 0, have: 99 } as never)).toBe(1);
  });
});

describe("what needs attention", () => {
  beforeEach(() => queries.clear());
  it("comes and goes by events", () => {
    const items = [{ id: "hot", severity: "warning" }];
    const tell = (data: unknown) => decode({ id: "1", event: "attention.changed", data: JSON.stringify(data) });
    receive(tell({ items }) as never);
    expect(queries.getQueryData(["attention"])).toEqual({ items });
    receive(tell({ items: [] }) as never);
    expect(queries.getQueryData(["attention"])).toEqual({ items: [] });
    expect(tell({})).toBeNull();
  });
});
