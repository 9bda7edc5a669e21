// The fake box's alerts: a few rules, channels that can be saved and tested,
// and shapes of docs/contracts.md, "Watching the box".

const rule = (id, title, metric, part) => ({
  id,
  title,
  metric,
  for_seconds: 60,
  clear_seconds: 60,
  severity: "warning",
  enabled: true,
  ...part,
});

const shipped = [
  rule("gpu-lost", "A GPU is lost", "gpu_lost", { above: 0.5, clear: 0.5, for_seconds: 0, severity: "critical" }),
  rule("disk-low", "Disk space is low", "disk_free_percent", { below: 5, clear: 6 }),
  rule("slow-first-word", "Answers begin late", "first_token_p95_seconds", { above: 5, clear: 4, for_seconds: 300 }),
  rule("gpu-hot", "A GPU is hot", "gpu_temperature_celsius", { above: 85, clear: 80 }),
  rule("index-old", "The document index is old", "index_age_hours", { above: 48, clear: 48, enabled: false }),
];

const metrics = [
  {
    name: "first_token_p95_seconds",
    unit: "seconds",
    title: "Wait for the first word (95 of 100 answers)",
    value: 0.84,
  },
  { name: "cpu_percent", unit: "percent", title: "Processor in use", value: 41.3 },
  { name: "disk_free_percent", unit: "percent", title: "Free disk space", value: 42.1 },
  { name: "disk_free_bytes", unit: "bytes", title: "Free disk space (bytes)", value: 2.1e11 },
  { name: "gpu_temperature_celsius", unit: "celsius", title: "GPU temperature", value: 63 },
  { name: "gpu_lost", unit: "flag", title: "GPU lost", value: 0 },
  { name: "index_age_hours", unit: "hours", title: "Age of the document index" },
];

const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();

// alert makes one that fires; part changes it.
export const alert = (part = {}) => ({
  id: "0190a000-0000-7000-8000-000000000001",
  rule: "gpu-hot",
  title: "A GPU is hot",
  severity: "warning",
  metric: "gpu_temperature_celsius",
  value: 91,
  threshold: 85,
  fired_at: ago(0),
  text: "GPU temperature: 91 °C, above the limit of 85 °C for 60 s.",
  advice: "Check the fans and the air around the machine.",
  deliveries: [],
  ...part,
});

const delivery = (channel, status, error) => ({
  channel,
  event: "alert.fired",
  status,
  at: ago(3),
  ...(error && { error }),
});

// busyAlerts is a box with something in each place.
export const busyAlerts = () => ({
  firing: [
    alert({
      id: "0190a000-0000-7000-8000-000000000002",
      rule: "gpu-lost",
      title: "A GPU is lost",
      severity: "critical",
      metric: "gpu_lost",
      value: 1,
      threshold: 0.5,
      fired_at: ago(4),
      text: "A GPU that was there does not answer any more.",
      advice: "Look at the driver's messages in the system's log; a restart of the machine often brings it back.",
      deliveries: [
        delivery("email", "sent"),
        delivery("webhook", "waiting", "The server answered 503 Service Unavailable."),
      ],
    }),
    alert({ fired_at: ago(12), deliveries: [delivery("email", "held", "Quiet hours.")] }),
  ],
  history: Array.from({ length: 26 }, (_, i) =>
    alert({
      id: `0190a000-0000-7000-8000-0000000001${String(i).padStart(2, "0")}`,
      fired_at: ago(200 * (i + 1)),
      resolved_at: ago(200 * (i + 1) - 7),
      ended: i % 5 === 4 ? "edited" : "recovered",
      deliveries: i % 2 ? [delivery("email", "sent"), delivery("syslog", "failed", "The connection was refused.")] : [],
    }),
  ),
});

export const quietBox = () => ({
  rules: shipped,
  firing: [],
  history: [],
  tests: [],
  refuses: {},
  channels: noChannels(),
});

const noChannels = () => ({
  desktop: { enabled: false },
  email: {
    enabled: false,
    server: "",
    port: 587,
    security: "starttls",
    user: "",
    password_set: false,
    from: "",
    to: [],
  },
  webhook: { enabled: false, url: "", secret_set: false },
  syslog: { enabled: false, network: "local", address: "" },
  quiet_hours: { enabled: false, from: "22:00", to: "07:00", critical_too: false },
});

const problem = (status, code, detail, field) => ({
  status,
  body: {
    type: "about:blank",
    title: code,
    status,
    code,
    detail,
    ...(field && { errors: [{ field, message: detail }] }),
  },
});

// answerAlerts gives {status, body}, or undefined for an address that is not its own.
export function answerAlerts(box, method, path, json) {
  const state = box.alerts;
  const board = () => ({
    status: 200,
    body: {
      rules: state.rules,
      shipped: state.rules === shipped,
      metrics,
      firing: state.firing,
      history: state.history,
    },
  });
  const tested = /^alerts\/channels\/(\w+)\/test$/.exec(path);
  if (method === "POST" && tested) {
    state.tests.push(tested[1]);
    const why = state.refuses[tested[1]];
    return why ? problem(502, "not_sent", why) : { status: 200, body: { sent: true } };
  }
  switch (`${method} ${path}`) {
    case "GET alerts":
      return board();
    case "PUT alerts/rules": {
      const i = json.rules.findIndex((one) => one.above !== undefined && one.clear > one.above);
      if (i >= 0) {
        const text = `${json.rules[i].title}: It would end while it is still above the threshold. Nothing was changed.`;
        return problem(422, "invalid_request", text, `rules[${i}].clear`);
      }
      state.rules = json.rules;
      return board();
    }
    case "DELETE alerts/rules":
      state.rules = shipped;
      return board();
    case "GET alerts/channels":
      return { status: 200, body: state.channels };
    case "PUT alerts/channels": {
      const { email, webhook } = json;
      const { password, ...mail } = email;
      const { secret, ...hook } = webhook;
      state.channels = {
        ...json,
        email: { ...mail, password_set: password === undefined ? email.password_set : password !== "" },
        webhook: { ...hook, secret_set: secret === undefined ? webhook.secret_set : secret !== "" },
      };
      return { status: 200, body: state.channels };
    }
  }
}
