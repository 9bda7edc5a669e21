import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as api from "@/api/alerts";
import { decode } from "@/api/events";
import { Problem } from "@/api/problem";
import type { Alert, AlertBoard, AlertChannels, AlertRule } from "@/api/types";
import { alertTold, withAlert } from "@/state/alertEvents";
import { keys, queries } from "@/state/client";
import { draftOf, emptyFields, newRule, quantity, ruleOf, words } from "@/state/ruleForm";
import { getState, setState } from "@/state/store";
import { receive } from "@/state/sync";
import AlertsTab from "@/views/monitor/alerts/AlertsTab";

vi.mock("@/api/alerts", () => ({
  getAlerts: vi.fn(),
  putRules: vi.fn(),
  resetRules: vi.fn(),
  getChannels: vi.fn(),
  putChannels: vi.fn(),
  testChannel: vi.fn(),
}));

const hot: AlertRule = {
  id: "gpu-hot",
  title: "A GPU is hot",
  metric: "gpu_temperature_celsius",
  above: 85,
  clear: 80,
  for_seconds: 60,
  clear_seconds: 120,
  severity: "warning",
  enabled: true,
};
const alert = (part: Partial<Alert> = {}): Alert => ({
  id: "1",
  rule: "gpu-hot",
  title: "A GPU is hot",
  severity: "warning",
  metric: "gpu_temperature_celsius",
  value: 91,
  threshold: 85,
  fired_at: new Date().toISOString(),
  text: "GPU temperature: 91 °C.",
  advice: "Check the fans.",
  deliveries: [],
  ...part,
});
const board = (part: Partial<AlertBoard> = {}): AlertBoard => ({
  rules: [hot],
  shipped: true,
  metrics: [
    { name: "gpu_temperature_celsius", unit: "celsius", title: "GPU temperature", value: 63 },
    { name: "index_age_hours", unit: "hours", title: "Age of the index" },
    { name: "cpu_percent", unit: "percent", title: "Processor in use", value: 12 },
  ],
  firing: [],
  history: [],
  ...part,
});
const channels: AlertChannels = {
  desktop: { enabled: false },
  email: {
    enabled: true,
    server: "mail.example.com",
    port: 587,
    security: "starttls",
    user: "u",
    password_set: true,
    from: "a@example.com",
    to: ["it@example.com"],
  },
  webhook: { enabled: false, url: "", secret_set: false },
  syslog: { enabled: false, network: "local", address: "" },
  quiet_hours: { enabled: false, from: "22:00", to: "07:00", critical_too: false },
};

function show(shown: AlertBoard = board()) {
  vi.mocked(api.getAlerts).mockResolvedValue(shown);
  vi.mocked(api.getChannels).mockResolvedValue(channels);
  return render(
    <QueryClientProvider client={queries}>
      <AlertsTab />
    </QueryClientProvider>,
  );
}

beforeEach(() => {
  queries.clear();
  setState({ notices: [], machine: null });
});
afterEach(() => {
  vi.clearAllMocks();
  vi.unstubAllGlobals();
});

describe("rules in words", () => {
  it("says when a rule fires", () => {
    expect(words(hot, "celsius")).toBe("above 85 °C for 60 s");
    const { above: _, ...rest } = hot;
    expect(words({ ...rest, below: 5e9, for_seconds: 0 }, "bytes")).toBe("below 5 GB at once");
    expect(words({ ...hot, above: 0.5, for_seconds: 7200 }, "flag")).toBe("for 2 h");
    expect(quantity(1, "flag")).toBe("so now");
  });

  it("keeps a rule through the form, in every unit", () => {
    for (const unit of ["celsius", "bytes", "percent", undefined] as const) {
      expect(ruleOf(draftOf(hot, unit), unit)).toEqual(hot);
    }
    const { above: _, ...rest } = hot;
    const below = { ...rest, below: 5e9, clear: 6e9 };
    expect(ruleOf(draftOf(below, "bytes"), "bytes")).toEqual(below);
  });

  it("knows fields without a number, and gives new rules names of their own", () => {
    const draft = { ...draftOf(hot, "celsius"), limit: "", forSeconds: "x" };
    expect(emptyFields(draft, "celsius")).toEqual(["limit", "forSeconds"]);
    expect(emptyFields(draft, "flag")).toEqual(["forSeconds"]);
    const first = newRule([draft]);
    expect(newRule([draft, first]).id).not.toBe(first.id);
  });
});

describe("alerts by event", () => {
  it("decodes both events", () => {
    expect(decode({ event: "alert.changed", data: JSON.stringify(alert()) })).toMatchObject({ alert: { id: "1" } });
    expect(decode({ event: "alert.notice", data: '{"delivery":"d","title":"T"}' })).toMatchObject({
      notice: { title: "T" },
    });
    expect(decode({ event: "alert.changed", data: "{}" })).toBeNull();
  });

  it("puts an alert where it belongs", () => {
    const grave = alert({ id: "2", severity: "critical" });
    const both = withAlert(withAlert(board(), alert()), grave);
    expect(both.firing.map((one) => one.id)).toEqual(["2", "1"]);
    const over = withAlert(both, alert({ resolved_at: new Date().toISOString(), ended: "recovered" }));
    expect([over.firing.length, over.history.map((one) => one.id)]).toEqual([1, ["1"]]);
    expect(withAlert(over, alert({ resolved_at: "later", title: "New" })).history).toHaveLength(1);
  });

  it("says a new alert once, and an old one not at all", () => {
    queries.setQueryData(keys.alerts, board());
    const event = (part: Partial<Alert>) =>
      receive({ type: "alert.changed", seq: 1, first: 1, alert: alert({ id: "say", ...part }) });
    event({});
    event({ deliveries: [{ channel: "email", event: "alert.fired", status: "sent", at: "" }] });
    event({ id: "old", fired_at: "2020-01-01T00:00:00Z" });
    expect(getState().notices.map((one) => one.text)).toEqual(["A GPU is hot. GPU temperature: 91 °C."]);
    expect(queries.getQueryData<AlertBoard>(keys.alerts)?.firing).toHaveLength(2);
  });

  it("shows a notice on the desktop where the person has allowed that", () => {
    const shown: unknown[] = [];
    class Fake {
      static permission = "granted";
      constructor(...told: unknown[]) {
        shown.push(told);
      }
    }
    vi.stubGlobal("Notification", Fake);
    const notice = { delivery: "d", title: "T", text: "X" } as Parameters<typeof alertTold>[0];
    alertTold(notice);
    Fake.permission = "default";
    alertTold(notice);
    expect(shown).toEqual([["T", { body: "X", tag: "d" }]]);
  });
});

describe("the tab", () => {
  it("shows what fires, what fired, and figures that are not there yet", async () => {
    const index: AlertRule = { ...hot, id: "i", title: "Old index", metric: "index_age_hours", enabled: false };
    show(
      board({
        rules: [hot, index],
        firing: [alert()],
        history: [alert({ id: "2", resolved_at: "2026-11-28T10:00:00Z" })],
      }),
    );
    const firing = await screen.findByRole("region", { name: "Firing now" });
    expect(within(firing).getByText("A GPU is hot")).toBeTruthy();
    expect(screen.getByText("no figures yet")).toBeTruthy();
    expect(screen.getByRole("checkbox", { name: "On: Old index" })).toHaveProperty("checked", false);
    expect(screen.getAllByText("91 °C, limit 85 °C")).toHaveLength(1);
  });

  it("saves an edited rule and says what the box refused", async () => {
    const user = userEvent.setup();
    show();
    await user.click(await screen.findByText("above 85 °C for 60 s"));
    const limit = screen.getByLabelText("Limit (°C)");
    await user.clear(limit);
    const save = screen.getAllByRole("button", { name: "Save" })[0] as HTMLButtonElement;
    expect(save.disabled).toBe(true);
    await user.type(limit, "70");
    vi.mocked(api.putRules).mockRejectedValueOnce(new Problem(422, "invalid_request", "Not so.", "rules[0].clear"));
    await user.click(save);
    expect(await screen.findByText("Not so.")).toBeTruthy();
    expect(screen.getByLabelText("Ends at (°C)").getAttribute("aria-invalid")).toBe("true");
    vi.mocked(api.putRules).mockResolvedValueOnce(board({ rules: [{ ...hot, above: 90 }], shipped: false }));
    await user.clear(limit);
    await user.type(limit, "90");
    await user.click(save);
    await waitFor(() => expect(api.putRules).toHaveBeenLastCalledWith([{ ...hot, above: 90 }]));
    expect(await screen.findByText("above 90 °C for 60 s")).toBeTruthy();
    expect(screen.getByText("Saved.")).toBeTruthy();
  });

  it("goes back to the shipped rules after a second click", async () => {
    const user = userEvent.setup();
    show(board({ shipped: false }));
    await user.click(await screen.findByRole("button", { name: "Back to the shipped rules" }));
    expect(api.resetRules).not.toHaveBeenCalled();
    vi.mocked(api.resetRules).mockResolvedValueOnce(board());
    await user.click(screen.getByRole("button", { name: "Forget these rules and go back" }));
    await waitFor(() => expect(api.resetRules).toHaveBeenCalled());
  });

  it("saves a channel before it is tested, and says what happened", async () => {
    const user = userEvent.setup();
    show();
    const password = await screen.findByLabelText("Password");
    expect(password).toHaveProperty("value", "");
    vi.mocked(api.testChannel).mockRejectedValueOnce(new Problem(502, "not_sent", "The name was not found."));
    await user.click(screen.getByRole("button", { name: "Test E-mail" }));
    expect(await screen.findByText("The name was not found.")).toBeTruthy();
    expect(api.putChannels).not.toHaveBeenCalled();
    await user.type(password, "secret");
    vi.mocked(api.putChannels).mockResolvedValueOnce(channels);
    vi.mocked(api.testChannel).mockResolvedValueOnce({ sent: true });
    await user.click(screen.getByRole("button", { name: "Save and test E-mail" }));
    expect(await screen.findByText("Sent. Look whether it has arrived.")).toBeTruthy();
    expect(vi.mocked(api.putChannels).mock.lastCall?.[0].email.password).toBe("secret");
    expect(screen.getByLabelText("Password")).toHaveProperty("value", "");
  });

  it("reads out what fires, and not each figure that changes", async () => {
    show(board({ firing: [alert()] }));
    const firing = await screen.findByRole("region", { name: "Firing now" });
    const said = within(firing).getByRole("status");
    expect(said.textContent).toBe("Warning: A GPU is hot.");
    const changed: string[] = [];
    const watch = new MutationObserver((all) => changed.push(...all.map((one) => one.type)));
    watch.observe(said, { subtree: true, childList: true, characterData: true });
    const [gpu, ...others] = board().metrics;
    const told: Alert["deliveries"] = [{ channel: "email", event: "alert.fired", status: "sent", at: "" }];
    queries.setQueryData(
      keys.alerts,
      board({
        firing: [alert({ deliveries: told })],
        metrics: [{ ...gpu, value: 99 } as typeof gpu, ...others] as AlertBoard["metrics"],
      }),
    );
    expect(await within(firing).findByText(/99 °C/)).toBeTruthy();
    watch.disconnect();
    expect(changed).toEqual([]);
  });

  it("saves no line without an address", async () => {
    const user = userEvent.setup();
    show();
    await user.type(await screen.findByLabelText(/^To/), "{Enter}night@example.com{Enter}");
    vi.mocked(api.putChannels).mockResolvedValueOnce(channels);
    await user.click(screen.getAllByRole("button", { name: "Save" }).at(-1) as HTMLElement);
    await waitFor(() => expect(api.putChannels).toHaveBeenCalled());
    expect(vi.mocked(api.putChannels).mock.lastCall?.[0].email.to).toEqual(["it@example.com", "night@example.com"]);
  });

  it("removes a password by its button alone, and not by an emptied field", async () => {
    const user = userEvent.setup();
    show();
    const save = async () => {
      vi.mocked(api.putChannels).mockResolvedValueOnce(channels);
      await user.click(screen.getAllByRole("button", { name: "Save" }).at(-1) as HTMLElement);
      await waitFor(() => expect(screen.getByText("Saved.")).toBeTruthy());
      return vi.mocked(api.putChannels).mock.lastCall?.[0].email.password;
    };
    const password = await screen.findByLabelText("Password");
    await user.type(password, "x{Backspace}");
    expect(await save()).toBeUndefined();
    await user.click(screen.getByRole("button", { name: /^Remove ?: Password$/ }));
    expect(screen.getByPlaceholderText("Removed when you save.")).toBe(password);
    await user.click(screen.getByRole("button", { name: /^Keep ?: Password$/ }));
    await user.click(screen.getByRole("button", { name: /^Remove ?: Password$/ }));
    expect(await save()).toBe("");
  });
});
