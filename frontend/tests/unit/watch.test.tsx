import { QueryClientProvider } from "@tanstack/react-query";
import { act, render, renderHook, screen, waitFor, within } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as api from "@/api/monitor";
import type { Attention as Found, Sample } from "@/api/types";
import { keys, queries } from "@/state/client";
import { useMachine } from "@/state/monitor/hooks";
import type { Range } from "@/state/monitor/ranges";
import { takeSample, useSamples } from "@/state/monitor/samples";
import { setState } from "@/state/store";
import { Attention } from "@/views/monitor/live/Attention";
import { BigFigures } from "@/views/monitor/live/BigFigures";
import { Devices } from "@/views/monitor/live/Devices";

vi.mock("@/api/monitor", () => ({
  getSamples: vi.fn(),
  getMachine: vi.fn(),
  getLatency: vi.fn(),
  getAttention: vi.fn(),
}));

const start = Date.parse("2026-11-28T10:00:00Z");
const sample = (second: number, more: Partial<Sample> = {}): Sample => ({
  at: new Date(start + second * 1000).toISOString(),
  cpu: { percent: 1 },
  ...more,
});
const run = (to: number) => Array.from({ length: to + 1 }, (_, second) => sample(second));
const wrapper = ({ children }: { readonly children: ReactNode }) => (
  <QueryClientProvider client={queries}>{children}</QueryClientProvider>
);
const history: api.MachineHistory = {
  ...{ from: sample(0).at, to: sample(60).at, step_seconds: 60, times: [start / 1000] },
  series: [{ name: "cpu_percent", unit: "percent", mean: [2], max: [9] }],
};

beforeEach(() => {
  vi.mocked(api.getSamples).mockResolvedValue({ samples: run(600) });
  vi.mocked(api.getMachine).mockResolvedValue(history);
  setState({ stream: "open" });
});
afterEach(() => {
  queries.clear();
  vi.clearAllMocks();
});

// One second after the other, and what each gives rise to.
const pass = async (from: number) => {
  for (let second = from; second < from + 3; second++) {
    await act(async () => {
      takeSample(sample(second));
      await new Promise((done) => setTimeout(done));
    });
  }
};

describe("useSamples", () => {
  it("takes the window along without a copy of its samples", async () => {
    const { result } = renderHook(() => useSamples(true), { wrapper });
    await waitFor(() => expect(result.current.data).toHaveLength(601));
    const [, , second] = result.current.data ?? [];
    const newest = sample(601);
    act(() => takeSample(newest));
    await waitFor(() => expect(result.current.data?.at(-1)?.at).toBe(newest.at));
    expect(result.current.data?.at(-1)).toBe(newest);
    expect(result.current.data?.[1]).toBe(second);
  });
});

describe("useMachine", () => {
  it("draws what was kept once, not each second", async () => {
    let drawn = 0;
    const { result, rerender } = renderHook(
      ({ range }: { readonly range: Range }) => {
        drawn++;
        return useMachine(range);
      },
      { wrapper, initialProps: { range: 5 } },
    );
    await waitFor(() => expect(result.current.over?.times).toHaveLength(301));
    rerender({ range: 1440 });
    await waitFor(() => expect(result.current.over?.series[0]).toMatchObject({ values: [2], peak: [9] }));
    const { over } = result.current;
    const before = drawn;
    await pass(700);
    expect(drawn).toBe(before);
    rerender({ range: 1440 });
    expect(result.current.over).toBe(over);
    rerender({ range: 5 });
    await waitFor(() => expect(api.getSamples).toHaveBeenCalledTimes(2));
    await pass(703);
    expect(result.current.over?.times.at(-1)).toBe(start / 1000 + 705);
  });

  it("asks for no seconds where it draws none", async () => {
    const { result } = renderHook(() => useMachine(1440), { wrapper });
    await waitFor(() => expect(result.current.over).not.toBeNull());
    expect(api.getSamples).not.toHaveBeenCalled();
  });
});

describe("Attention", () => {
  it("reads out the titles, not the figures that change under them", async () => {
    const item = { id: "hot", severity: "warning", since: sample(0).at, title: "The machine is hot" } as const;
    const tell = (cause: string) =>
      act(async () => {
        queries.setQueryData<Found>(keys.attention, { items: [{ ...item, cause, advice: "Look at its fans." }] });
      });
    await tell("It has 91 °C.");
    render(<Attention />, { wrapper });
    const status = screen.getByRole("status");
    expect(status.textContent).toBe("The machine is hot");
    await tell("It has 92 °C.");
    await within(screen.getByRole("listitem")).findByText("It has 92 °C.");
    expect(status.textContent).toBe("The machine is hot");
  });
});

describe("Devices", () => {
  it("calls each source that is silent by its name", () => {
    const unavailable = (["board", "disk", "gpu"] as const).map((source) => ({ source, reason: "no_answer" as const }));
    const { container } = render(<Devices sample={sample(0, { unavailable })} />, { wrapper });
    const texts = [...container.querySelectorAll(".trouble")].map((one) => one.textContent);
    expect(texts).toEqual([
      "Thermometers and battery give no readings",
      "The disk of the data folder gives no readings",
      "GPU does not answer",
    ]);
  });
});

describe("BigFigures", () => {
  it("shows how busy the cards are that work for us", () => {
    const gpus = [
      { utilization_percent: 100, processes: [{ pid: 7, worker: true }] },
      { utilization_percent: 0, name: "Intel GPU" },
    ];
    render(<BigFigures sample={sample(0, { gpus })} />, { wrapper });
    expect(screen.getByText("GPU (1)").nextElementSibling?.textContent).toBe("100 %");
  });
});
