import { afterEach, describe, expect, it, vi } from "vitest";
import type { CapacityProgress, CapacityView, Prices, Sheet } from "@/api/operate";
import * as api from "@/api/operate";
import { Problem } from "@/api/problem";
import { keys, queries } from "@/state/client";
import { startCapacity } from "@/state/operate/capacity";
import { savePrices } from "@/state/operate/cost";
import { money, readNumber } from "@/state/operate/money";
import { draftOf, readSheet, withName, without, withPrice, withRow } from "@/state/operate/sheet";
import { receive } from "@/state/sync";

vi.mock("@/api/operate", async (original) => ({
  ...(await original<object>()),
  startCapacity: vi.fn(),
  putPrices: vi.fn(),
}));

afterEach(() => {
  queries.clear();
  vi.resetAllMocks();
});

const sheet: Sheet = {
  currency: "EUR",
  own: { purchase: 3000, years: 4, watts: 350, other_watts: 120, kwh: 0.3, admin_hours: 0, admin_hour: 60 },
  cloud: [{ id: "l4", name: "L4", gpu: "NVIDIA L4", hour: 0.8, example: true, as_of: "2025" }],
  managed: [{ id: "a", name: "A", input: 2.5, cached_input: 0.000001, output: 10, example: true, as_of: "2025" }],
};

describe("numbers", () => {
  it("reads what people type, and nothing else", () => {
    expect(readNumber(" 0,25 ", 0, 1)).toBe(0.25);
    expect(readNumber("12", 1, 30, true)).toBe(12);
    for (const text of ["", "x", "1e3", "-1", "1.2.3", "0.1234567", "31", "1.5"]) {
      expect(readNumber(text, 1, 30, true)).toBeNull();
    }
  });

  it("writes money, small amounts with the digits that count", () => {
    expect(money(1234.5, "EUR")).toBe("€1,234.50");
    expect(money(0.00123, "USD")).toBe("$0.0012");
    expect(money(0, "USD")).toBe("$0.00");
    expect(money(2, "??")).toBe("2.00 ??");
  });
});

describe("the price sheet", () => {
  it("is the same after it was edited and nothing was changed", () => {
    expect(readSheet(draftOf(sheet)).sheet).toEqual({
      ...sheet,
      managed: [{ ...sheet.managed[0], cached_input: 0.000001 }],
    });
  });

  it("names the field that cannot be read", () => {
    const draft = draftOf(sheet);
    expect(readSheet({ ...draft, currency: "euro" }).wrong).toBe("currency");
    expect(readSheet({ ...draft, own: { ...draft.own, years: "0" } }).wrong).toBe("own.years");
    expect(readSheet(withPrice(draft, "cloud", 0, "hour", "-1")).wrong).toBe("cloud.0.hour");
    expect(readSheet(withPrice(draft, "managed", 0, "output", "")).wrong).toBe("managed.0.output");
    expect(readSheet(withName(draft, "managed", 0, " ")).wrong).toBe("managed.0.name");
    expect(readSheet(withRow(draft, "cloud")).wrong).toBe("cloud.1.name");
  });

  it("a price that was changed is no example, a new row has an id of its own", () => {
    const changed = readSheet(withPrice(draftOf(sheet), "cloud", 0, "hour", "0,9")).sheet;
    expect(changed?.cloud[0]).toMatchObject({ hour: 0.9, example: false, as_of: "", gpu: "NVIDIA L4" });
    const two = withRow(withRow(draftOf(sheet), "managed"), "cloud");
    expect([...two.cloud, ...two.managed].map(({ id }) => id)).toEqual(["l4", "own-2", "a", "own-1"]);
    expect(readSheet(without(draftOf(sheet), "cloud", 0)).sheet?.cloud).toEqual([]);
  });

  it("says why it was not kept", async () => {
    vi.mocked(api.putPrices).mockRejectedValue(new Problem(422, "invalid_request", "own.years must be from 1 to 30."));
    expect(await savePrices(sheet)).toBe("own.years must be from 1 to 30.");
    const kept: Prices = { ...sheet, gpu_classes: ["NVIDIA L4"], shipped: false };
    vi.mocked(api.putPrices).mockResolvedValue(kept);
    expect(await savePrices(sheet)).toBeNull();
    expect(queries.getQueryData(keys.prices)).toEqual(kept);
  });
});

describe("a measurement", () => {
  const view: CapacityView = {
    history: [],
    models: [],
    defaults: { bound_seconds: 3, every_minutes: 3, most_people: 64 },
  };
  const running: CapacityProgress = {
    ...{ id: "r", model: "m", stage: "measuring", people: 2, steps: [], repeated: 0 },
    started_at: "2026-11-25T10:00:00.000Z",
  };

  it("is shown while it runs, by whoever began it", async () => {
    queries.setQueryData(keys.capacity(""), view);
    vi.mocked(api.startCapacity).mockResolvedValue(running);
    await startCapacity({ bound_seconds: 3 });
    expect(queries.getQueryData<CapacityView>(keys.capacity(""))?.running).toEqual(running);
    receive({ type: "capacity.changed", seq: 1, first: 1, running: { ...running, people: 4 } });
    expect(queries.getQueryData<CapacityView>(keys.capacity(""))?.running?.people).toBe(4);
    // The answer to the start comes last: it does not take back what is known.
    await startCapacity({ bound_seconds: 3 });
    expect(queries.getQueryData<CapacityView>(keys.capacity(""))?.running?.people).toBe(4);
    expect(queries.getQueryState(keys.capacity(""))?.isInvalidated).toBe(true);
    queries.setQueryData<CapacityView>(keys.capacity(""), (view) => view && { ...view });
    receive({ type: "capacity.changed", seq: 2, first: 2 });
    expect(queries.getQueryData<CapacityView>(keys.capacity(""))?.running).toBeUndefined();
    expect(queries.getQueryState(keys.capacity(""))?.isInvalidated).toBe(true);
  });
});
