import { QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decode } from "@/api/events";
import type { Sample } from "@/api/types";
import { keys, queries } from "@/state/client";
import { setState } from "@/state/store";
import { receive } from "@/state/sync";
import { LiveStrip } from "@/views/shell/LiveStrip";

beforeEach(() => {
  queries.setQueryData(keys.models, { models: [], status: { ready: true, restarts: 0, active: 0, queued: 0 } });
  setState({ stream: "open", machine: null, speed: null });
});
afterEach(() => queries.clear());

let seq = 1;
const tell = (sample: Partial<Sample>) => {
  const event = decode({
    id: String(seq++),
    event: "monitor",
    data: JSON.stringify({ at: "2026-11-25T10:00:00.000Z", ...sample }),
  });
  if (!event) throw new Error("the sample was not taken");
  act(() => receive(event));
};
const draw = () => {
  render(
    <QueryClientProvider client={queries}>
      <LiveStrip />
    </QueryClientProvider>,
  );
  return screen.getByRole("region", { name: "The machine" });
};

describe("LiveStrip", () => {
  it("shows CPU, memory and GPUs of the last sample", () => {
    const strip = draw();
    expect(strip.textContent).toBe("Ready");
    tell({
      cpu: { percent: 41.6 },
      memory: { used_bytes: 2.4e9, total_bytes: 25e9 },
      gpus: [
        { name: "H100", utilization_percent: 87, memory_used_bytes: 20e9, memory_total_bytes: 80e9 },
        { utilization_percent: 33, memory_used_bytes: 30e9, memory_total_bytes: 80e9 },
        { error: "GPU is lost" },
      ],
    });
    expect(strip.textContent).toBe("ReadyCPU 42 %RAM 2.4 GB of 25 GB1 GPU lostGPU 60 %VRAM 50 GB of 160 GB");
    tell({ cpu: { percent: 3 } });
    expect(strip.textContent).toBe("ReadyCPU 3 %");
  });

  it("leaves out a card that does not work for us", () => {
    const strip = draw();
    const processes = [{ pid: 7, worker: true }];
    const all = { memory_used_bytes: 20e9, memory_total_bytes: 80e9 };
    tell({
      gpus: [
        { ...all, utilization_percent: 90, processes },
        { ...all, utilization_percent: 0 },
      ],
    });
    expect(strip.textContent).toBe("ReadyGPU 90 %VRAM 20 GB of 80 GB");
  });

  it("says which source does not answer and invents nothing for it", () => {
    const strip = draw();
    tell({
      unavailable: [
        { source: "machine", reason: "no_answer" },
        { source: "gpu", reason: "no_answer" },
      ],
    });
    expect(strip.textContent).toBe("ReadyNo readings of this machineGPU does not answer");
  });

  it("shows the speed of now while answers are written, then that of the last one", () => {
    const strip = draw();
    setState({ speed: 50 });
    tell({ engine: { active: 2, queued: 0, tokens_per_sec: 71.4 } });
    expect(strip.textContent).toBe("Ready71 tok/s");
    tell({ engine: { active: 0, queued: 0, tokens_per_sec: 12 } });
    expect(strip.textContent).toBe("Ready50 tok/s");
  });

  it("shows nothing old while the box cannot be reached", () => {
    const strip = draw();
    tell({ cpu: { percent: 41.6 }, engine: { active: 1, queued: 0, tokens_per_sec: 5 } });
    act(() => setState({ stream: "lost" }));
    expect(strip.textContent).toBe("Not connected, trying again");
  });
});
