// What the fake box tells of itself: a scripted machine and its history. It
// keeps the shapes of docs/contracts.md, "Watching the box".

import { usage } from "./usage.mjs";

const now = () => Math.floor(Date.now() / 1000);
const wave = (at, period, low, high) => low + ((high - low) * (1 + Math.sin((2 * Math.PI * at) / period))) / 2;

// sampleAt is the machine at one second.
export function sampleAt(at, { gpus = 1, cores = 16 } = {}) {
  const busy = wave(at, 90, 20, 90);
  return {
    at: new Date(at * 1000).toISOString(),
    cpu: {
      percent: busy,
      steal_percent: 1.2,
      cores_percent: Array.from({ length: cores }, (_, core) => wave(at + core * 7, 40 + core, 3, 99)),
      frequency_hertz: 3.4e9,
      load: { load_1m: 4.2, load_5m: 3.9, load_15m: 3.1 },
      pressure: { cpu_percent: 2.5, memory_percent: 0, io_percent: 0.4 },
    },
    swap: { total_bytes: 8e9, used_bytes: 2e8, in_bytes_per_second: 0, out_bytes_per_second: 4096 },
    network: { receive_bytes_per_second: wave(at, 30, 2e3, 9e5), transmit_bytes_per_second: wave(at, 50, 1e3, 4e6) },
    temperatures: [
      { label: "coretemp Package id 0", cpu: true, celsius: wave(at, 120, 45, 78), limit_celsius: 100 },
      { label: "nvme Composite", celsius: 41 },
    ],
    battery: { percent: 93, state: "charging" },
    memory: { total_bytes: 3.2e10, used_bytes: wave(at, 300, 1.1e10, 1.6e10) },
    disk: {
      total_bytes: 5e11,
      free_bytes: 2.1e11,
      read_bytes_per_second: wave(at, 20, 0, 3e7),
      write_bytes_per_second: wave(at, 35, 0, 8e6),
    },
    ...(gpus > 0 && {
      gpus: Array.from({ length: gpus }, (_, index) => ({
        uuid: `GPU-${index}`,
        name: "NVIDIA L4",
        utilization_percent: wave(at + index * 20, 60, 10, 99),
        memory_total_bytes: 2.4e10,
        memory_used_bytes: wave(at, 400, 8e9, 1.2e10),
        temperature_celsius: wave(at + index, 200, 48, 71),
        power_watts: wave(at, 60, 30, 71),
        temperature_limit_celsius: 85,
        power_limit_watts: 72,
        clock_hertz: 1.965e9,
        clock_max_hertz: 2.04e9,
        memory_clock_hertz: 6.251e9,
        memory_utilization_percent: wave(at, 60, 5, 70),
        performance_state: "P0",
        ...(index === 0 && { throttle: ["power_cap"] }),
        ecc_corrected: 0,
        ecc_uncorrected: 0,
        pcie_generation: 4,
        pcie_width: 16,
        processes: [
          { pid: 4242, memory_bytes: 7.6e9, worker: true },
          { pid: 911, memory_bytes: 4e8 },
        ],
      })),
    }),
    engine: {
      model: "smollm2-135m",
      active: 2,
      queued: 1,
      tokens_per_sec: wave(at, 45, 80, 160),
      worker: { cpu_percent: busy * 0.8, resident_bytes: 4.2e8 },
    },
  };
}

const samples = (seconds, options) => {
  const end = now();
  return Array.from({ length: seconds }, (_, back) => sampleAt(end - seconds + 1 + back, options));
};

function times(minutes) {
  const to = now();
  const from = to - minutes * 60;
  const step = Math.max(1, Math.ceil((minutes * 60) / 720));
  const all = [];
  for (let at = from; at <= to; at += step) all.push(at);
  return { from, to, step_seconds: step, times: all };
}

const iso = (at) => new Date(at * 1000).toISOString();
const written = (range) => ({ ...range, from: iso(range.from), to: iso(range.to) });

const machineNames = {
  cpu_percent: ["percent", 10, 80],
  memory_used_bytes: ["bytes", 1.1e10, 1.6e10],
  swap_used_bytes: ["bytes", 0, 4e8],
  cpu_temperature_celsius: ["celsius", 45, 78],
  disk_read_bytes_per_second: ["bytes_per_second", 0, 4e7],
  disk_write_bytes_per_second: ["bytes_per_second", 0, 9e6],
  network_receive_bytes_per_second: ["bytes_per_second", 2e3, 8e5],
  network_transmit_bytes_per_second: ["bytes_per_second", 1e3, 2e6],
  gpu_utilization_percent: ["percent", 5, 99],
  gpu_memory_used_bytes: ["bytes", 8e9, 1.2e10],
  gpu_power_watts: ["watts", 30, 72],
  answers_active: ["answers", 0, 4],
  answers_queued: ["answers", 0, 2],
  tokens_per_second: ["tokens_per_second", 0, 160],
};

// A third of the way there is a hole: the box was off.
const hole = (range, at) =>
  at > range.from + (range.to - range.from) * 0.3 && at < range.from + (range.to - range.from) * 0.36;

function machine(minutes) {
  const range = times(minutes);
  const period = minutes * 20;
  const series = Object.entries(machineNames).map(([name, [unit, low, high]]) => {
    const mean = range.times.map((at) => (hole(range, at) ? null : wave(at, period, low, high)));
    return {
      name,
      unit,
      ...(name.startsWith("gpu") && { device: "NVIDIA L4 #0" }),
      mean,
      max: mean.map((value) => value && value + (high - value) * 0.3),
    };
  });
  return { ...written(range), series };
}

const latencyNames = {
  queue_seconds: 0.05,
  first_token_seconds: 0.4,
  inter_token_seconds: 0.02,
  total_seconds: 4,
  tokens_in_per_second: 900,
  tokens_out_per_second: 45,
};

const kinds = [
  { model: "smollm2-135m", route: "chat", class: "interactive" },
  { model: "smollm2-135m", route: "v1/chat/completions", class: "batch" },
  { model: `a-model-with-a-name-that-goes-on-and-on-${"q4".repeat(20)}`, route: "v1/chat/completions", class: "api" },
];

function latency(minutes, query) {
  const range = times(minutes);
  const wanted = kinds.filter((kind) =>
    ["model", "route", "class"].every((field) => !query.get(field) || query.get(field) === kind[field]),
  );
  const factor = wanted.length / kinds.length;
  const series = Object.entries(latencyNames).map(([name, base]) => {
    const of = (times_) =>
      range.times.map((at) => (hole(range, at) || factor === 0 ? null : wave(at, minutes * 15, base, base * times_)));
    return { name, p50: of(1.5), p95: of(3), p99: of(5), count: range.times.map(() => 3) };
  });
  return {
    ...written(range),
    series,
    requests_per_hour: range.times.map((at) => (hole(range, at) ? null : wave(at, minutes * 30, 0, 120) * factor)),
    totals: wanted.map((kind) => ({
      ...kind,
      requests: 1234,
      failed: 2,
      prompt_tokens: 456_789,
      cached_tokens: 400_123,
      output_tokens: 98_765,
      figures: Object.fromEntries(
        Object.entries(latencyNames).map(([name, base]) => [
          name,
          { p50: base, p95: base * 2.4, p99: base * 4, max: base * 9, count: 1234 },
        ]),
      ),
    })),
  };
}

function marks(minutes) {
  const { from, to } = times(minutes);
  const at = (share) => new Date((from + (to - from) * share) * 1000).toISOString();
  return {
    marks: [
      { at: at(0.36), kind: "started", text: "Alcove started." },
      { at: at(0.4), kind: "model_loaded", text: "The model was loaded.", model: "smollm2-135m" },
      { at: at(0.8), kind: "alert_fired", text: "GPU too hot" },
    ],
  };
}

export const testView = {
  steps: 12_345,
  uptime_ms: 3_600_000,
  slots: [
    {
      id: 1,
      state: "decode",
      class: "interactive",
      user: "a1b2c3d4",
      prompt: 820,
      cached: 640,
      have: 870,
      written: 51,
      rows: 1,
    },
    {
      id: 2,
      state: "prefill",
      class: "interactive",
      user: "99ffee00",
      prompt: 4000,
      cached: 300,
      have: 1500,
      written: 0,
      rows: 256,
    },
    { id: 3, state: "queued", class: "batch", prompt: 300, cached: 0, have: 0, written: 0, rows: 0, place: 1 },
  ],
  more_slots: 0,
  tree: [
    { depth: 0, tokens: 640, label: "everybody", seqs: 2, in_use: true, pinned: true },
    { depth: 1, tokens: 1200, label: "conversation", seqs: 1, in_use: true, pinned: false },
    { depth: 1, tokens: 900, label: "key", seqs: 1, in_use: false, pinned: false },
  ],
  more_nodes: 0,
};

// The log: newest first, told apart by numbers.
export function makeRequests(count, end = Date.now()) {
  return Array.from({ length: count }, (_, back) => requestRow(count - back, end - back * 7_000));
}

export function requestRow(id, at, more = {}) {
  const kind = kinds[id % kinds.length];
  const failed = id % 11 === 0;
  return {
    id: String(id),
    at: new Date(at).toISOString(),
    who: id % 3 === 0 ? "page" : "key of the intranet",
    ...kind,
    device: "CUDA0 NVIDIA L4",
    status: failed ? "failed" : id % 7 === 0 ? "stopped" : "done",
    ...(failed && { code: "worker_failed" }),
    queue_ms: 12 + (id % 40),
    first_token_ms: 200 + (id % 900),
    total_ms: 3000 + (id % 9000),
    prompt_tokens: 500 + id,
    cached_tokens: 480,
    output_tokens: 120 + (id % 300),
    tokens_per_second: 40 + (id % 20),
    restarts: 0,
    ...more,
  };
}

const fields = ["model", "route", "class", "status", "who"];
const matching = (box, query) =>
  box.requests.filter((row) => fields.every((field) => !query.get(field) || query.get(field) === row[field]));

function requests(box, query) {
  const limit = Number(query.get("limit") ?? 100);
  const before = Number(query.get("before") || Number.POSITIVE_INFINITY);
  const rows = matching(box, query).filter((row) => Number(row.id) < before);
  const page = rows.slice(0, limit);
  return { requests: page, ...(rows.length > limit && { next: page.at(-1).id }) };
}

function csv(box, query) {
  const names = ["id", "at", "who", "model", "route", "class", "status", "prompt_tokens", "output_tokens"];
  return [names.join(","), ...matching(box, query).map((row) => names.map((name) => row[name]).join(","))].join("\r\n");
}

// answerMonitor gives what a GET of this page brings, undefined of another.
export function answerMonitor(box, path, query) {
  const minutes = Number(query.get("minutes") ?? 60);
  switch (path) {
    case "attention":
      return { items: box.attention };
    case "engine":
      return { status: { ...box.status, ...box.engine }, view: box.view };
    case "monitor":
      return { samples: box.history ? samples(Number(query.get("seconds") ?? 600), box.machine) : [] };
    case "monitor/machine":
      return box.history ? machine(minutes) : { ...written(times(minutes)), series: [] };
    case "monitor/latency":
      return box.history
        ? latency(minutes, query)
        : { ...written(times(minutes)), series: [], requests_per_hour: [], totals: [] };
    case "monitor/marks":
      return box.history ? marks(minutes) : { marks: [] };
    case "requests":
      return requests(box, query);
    case "usage":
      return usage(box);
    case "requests.csv":
      return csv(box, query);
  }
  return undefined;
}
