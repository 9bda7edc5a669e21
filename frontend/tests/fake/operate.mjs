// What the fake box measured, and what things cost. The shapes are those of
// docs/contracts.md, "Watching the box".

export const step = (people, late, more = {}) => ({
  people,
  answers: people * 2,
  failed: 0,
  first_token_p50_seconds: late * 0.8,
  first_token_p95_seconds: late,
  gap_p95_seconds: 0.04,
  tokens_per_second_each: 60 / people ** 0.5,
  tokens_per_second_together: 55 * people ** 0.5,
  answers_per_minute: 20 * people ** 0.5,
  prompt_tokens: 1020,
  computed_tokens: 80,
  output_tokens: 118,
  seconds: 12,
  preempted: 0,
  client_percent: 1,
  ...(people > 1 && {
    predicted: {
      first_token_p95_seconds: late,
      tokens_per_second_together: 50,
      first_token_ratio: 0.93,
      tokens_ratio: 1.08,
    },
  }),
  ...more,
});

export const measured = (more = {}) => ({
  id: "r1",
  status: "done",
  because: "With 8 people the first token came after 9.4 s (P95), more than 3 times the bound.",
  facts: {
    ...{ model: "SmolLM2-135M-Instruct.Q4_1", quant: "Q4_1", kv: "f16", device: "CPU (haswell)", weights_bytes: 98e6 },
    ...{ parameters: 135e6, kv_bytes_per_token: 23040, slots: 16, cells: 32768, context: 8192, memory_bytes: 8e9 },
  },
  settings: { bound_seconds: 3, every_minutes: 3, most_people: 64 },
  shape: { shared: 900, own: 60, answer: 120, recorded: 0, shortened: false },
  prefill_tokens_per_second: 420,
  steps: [step(1, 0.7), step(2, 1.4), step(4, 3.6), step(8, 9.4)],
  repeated: 1,
  serves: { people: 3, at_least: false, sentence: "Serves 3 people at once at P95 first token under 3 s." },
  employees: 22,
  limit: { kind: "bandwidth", sentence: "Memory bandwidth: a smaller quant or model, or faster memory, helps." },
  started_at: "2026-11-25T10:00:00.000Z",
  ended_at: "2026-11-25T10:04:00.000Z",
  ...more,
});

const estimate = (group, name, more = {}) => ({
  ...{ group, name, quant: "Q4_K_M", kv: "f16", label: "estimate, not measured", fits: true, margin_percent: 50 },
  ...{ people_in_memory: 80, people: 12, employees: 140, answers_per_minute: 90, tokens_per_second: 44 },
  ...{ prefill_tokens_per_second: 2000, first_token_seconds: 0.12, limit: "compute", remote: false, ...more },
});

const rows = [
  estimate("box", "SmolLM2-135M-Instruct.Q4_1", { quant: "Q8_0", margin_percent: 25 }),
  estimate("model", "Qwen3 4B Instruct 2507", {
    margin_percent: 35,
    people: 0,
    employees: 0,
    tokens_per_second: 2.1,
    measured: { tokens_per_second: 2, first_token_seconds: 1, tokens_ratio: 1.05, first_token_ratio: 0.92 },
  }),
  estimate("model", "Gemma 4 31B", { margin_percent: 35, fits: false }),
  estimate("gpu", "NVIDIA H100 SXM", { limit: "none", people: 256, employees: 4000 }),
  estimate("gpu", "Google TPU v5e", { remote: true, note: "Remote only: it cannot be put into this box." }),
];

export const defaults = { bound_seconds: 3, every_minutes: 3, most_people: 64 };
const models = [
  { id: "m", name: "SmolLM2-135M-Instruct.Q4_1" },
  { id: "qwen", name: "Qwen3 4B Instruct 2507" },
];
export const nothingMeasured = () => ({ history: [], models: [], defaults });
export const wasMeasured = () => ({
  result: measured(),
  history: [measured({ id: "r0", started_at: "2026-10-01T10:00:00.000Z" })],
  defaults,
  models,
  estimates: {
    on: "m",
    speed: { bytes_per_second: 9e9, flops: 1e11 },
    formula: ["tokens/s = 1 / (bytes / bandwidth)"],
    rows,
  },
});

export const shippedPrices = () => ({
  currency: "USD",
  own: { purchase: 3000, years: 4, watts: 350, other_watts: 120, kwh: 0.3, admin_hours: 0, admin_hour: 60 },
  cloud: [{ id: "l4", name: "Cloud GPU: L4", gpu: "NVIDIA L4", hour: 0.8, example: true, as_of: "2025" }],
  managed: [
    { id: "a", name: "A large model", input: 2.5, cached_input: 1.25, output: 10, example: true, as_of: "2025" },
    { id: "b", name: "A small model", input: 0.15, cached_input: 0.075, output: 0.6, example: true, as_of: "2025" },
  ],
  shipped: true,
  gpu_classes: ["NVIDIA T4", "NVIDIA L4"],
});

const row = (kind, id, name, month, more = {}) => ({
  ...{
    kind,
    id,
    name,
    example: kind !== "box",
    per_month: month,
    per_hour: month / 730.5,
    per_thousand: month / 30,
    count: 0,
  },
  ...(kind !== "box" && { as_of: "2025" }),
  ...more,
});

export const costs = (prices) => ({
  ...{ from: "2026-10-26T00:00:00Z", to: "2026-11-25T00:00:00Z", currency: prices.currency, enough: true },
  recorded: {
    ...{ hours: 720, answers: 30000, prompt_tokens: 3e7, cached_tokens: 2.6e7, output_tokens: 3.4e6 },
    ...{ peak_hour_answers: 240, answers_per_month: 30437 },
  },
  sentence: "From 30000 answers in 30.0 days, taken to a month of 730.5 hours.",
  rows: [
    row("box", "box", "This box", 62.5 + 350 * 0.7305 * prices.own.kwh, {
      note: "350 W stated.",
      example: prices.shipped,
    }),
    ...prices.cloud.map((one) =>
      row("cloud", one.id, one.name, one.hour * 730.5 * 2, { count: 2, example: one.example }),
    ),
    ...prices.managed.map((one) =>
      row("managed", one.id, one.name, one.input * 40, { example: one.example, break_even: 20000 }),
    ),
  ],
  latency: {
    ...{
      class: "interactive",
      source: "recorded",
      first_token_p95_seconds: 1.8,
      within_1s_percent: 81,
      within_5s_percent: 99,
    },
    sentence: "This box meets the class interactive: 95 of 100 recorded answers began within 1.80 s.",
  },
});

// answerOperate gives status and body of what this page calls.
export function answerOperate(box, method, path, query, json) {
  const ok = (body) => ({ status: 200, body });
  switch (`${method} ${path}`) {
    case "GET capacity":
      if (box.capacity.estimates) box.capacity.estimates.on = query.get("model") || "m";
      return ok(box.capacity);
    case "POST capacity":
      box.started = json;
      box.capacity.running = {
        ...{ id: "r2", model: "m", stage: "waiting", people: 0, steps: [], repeated: 0 },
        started_at: new Date().toISOString(),
      };
      return { status: 202, body: box.capacity.running };
    case "DELETE capacity":
      delete box.capacity.running;
      box.stopped = true;
      return { status: 204 };
    case "GET cost":
      return ok(costs(box.prices));
    case "GET prices":
      return ok(box.prices);
    case "PUT prices":
      box.prices = { ...json, shipped: false, gpu_classes: box.prices.gpu_classes };
      return ok(box.prices);
    case "DELETE prices":
      box.prices = shippedPrices();
      return ok(box.prices);
  }
  return undefined;
}
