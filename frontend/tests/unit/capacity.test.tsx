import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import type { CapacityEstimate, CapacityView, Prices } from "@/api/operate";
import * as api from "@/api/operate";
import { Estimates } from "@/views/monitor/capacity/Estimates";
import { Measure } from "@/views/monitor/capacity/Measure";
import { PriceEditor } from "@/views/monitor/cost/PriceEditor";

vi.mock("@/api/operate", async (original) => ({ ...(await original<object>()), putPrices: vi.fn() }));

it("says why a measurement left no result", () => {
  const view: CapacityView = {
    history: [],
    models: [],
    defaults: { bound_seconds: 3, every_minutes: 3, most_people: 64 },
  };
  const nothing = { id: "a", because: "People asked all the time." };
  const { unmount } = render(<Measure view={{ ...view, nothing }} />);
  expect(screen.getByRole("alert").textContent).toBe(nothing.because);
  unmount();
  render(<Measure view={view} />);
  expect(screen.queryByRole("alert")).toBeNull();
});

it("gives no figures of what is not known", () => {
  const row: CapacityEstimate = {
    ...{ group: "model", name: "X", label: "estimate, not measured", fits: true, margin_percent: 35, limit: "unknown" },
    ...{ people: 0, people_in_memory: 4, employees: 0, answers_per_minute: 0, tokens_per_second: 0 },
    ...{ prefill_tokens_per_second: 0, first_token_seconds: 0, remote: false },
  };
  render(
    <Estimates
      models={[]}
      model=""
      onModel={() => {}}
      estimates={{ formula: [], on: "", rows: [row], speed: { bytes_per_second: 1, flops: 1 } }}
    />,
  );
  const cells = within(screen.getByRole("table")).getAllByRole("cell");
  expect(cells.map(({ textContent }) => textContent)).toEqual(["", "estimate, not measured, ±35 %", "not known"]);
});

it("a cloud GPU that is added has a class", async () => {
  const own = { purchase: 1, years: 4, watts: 1, other_watts: 1, kwh: 1, admin_hours: 0, admin_hour: 0 };
  const old = { id: "old", name: "Old", gpu: "Gone", hour: 1, example: false, as_of: "" };
  const prices: Prices = {
    ...{ currency: "EUR", own, cloud: [old], managed: [], shipped: false, gpu_classes: ["NVIDIA L4", "NVIDIA T4"] },
  };
  vi.mocked(api.putPrices).mockResolvedValue(prices);
  render(<PriceEditor prices={prices} onClose={() => {}} />);
  await userEvent.click(screen.getAllByRole("button", { name: "Add a row" })[0] as HTMLElement);
  const [first, added] = screen.getAllByRole("combobox") as HTMLSelectElement[];
  expect(first?.value).toBe("Gone");
  await userEvent.selectOptions(added as HTMLElement, "NVIDIA L4");
  await userEvent.type(screen.getAllByRole("textbox", { name: "Name" })[1] as HTMLElement, "Mine");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  const sent = vi.mocked(api.putPrices).mock.calls[0]?.[0];
  expect(sent?.cloud.map(({ name, gpu }) => [name, gpu])).toEqual([
    ["Old", "Gone"],
    ["Mine", "NVIDIA L4"],
  ]);
});
