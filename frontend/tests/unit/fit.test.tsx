import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Fit, Model } from "@/api/types";
import { keys, queries } from "@/state/client";
import { chooseModel } from "@/state/models";
import { ModelPicker } from "@/views/shell/ModelPicker";

vi.mock("@/state/models", async (original) => ({ ...(await original<object>()), chooseModel: vi.fn() }));

const fitOf = (verdict: Fit["verdict"], need: number): Fit => ({
  verdict,
  because: "",
  need,
  usable: 20e9,
  free: 22e9,
  devices: [],
});

const model = (id: string, part: Partial<Model>): Model => ({
  id,
  name: id,
  chat: true,
  embeddings: false,
  reranker: false,
  state: "ready",
  default: false,
  test: false,
  size_bytes: 1e9,
  parameters: "1B",
  context: 8192,
  ...part,
});

beforeEach(() => {
  queries.setQueryData(keys.settings, {});
  queries.setQueryData(keys.models, {
    models: [
      model("small", { fit: fitOf("fits", 4e8) }),
      model("middle", { fit: fitOf("fits_partly", 5e9) }),
      model("large", { fit: fitOf("wont_fit", 41e9) }),
      model("unknown", {}),
    ],
    status: { ready: true, restarts: 0, active: 0, queued: 0 },
  });
});

afterEach(() => {
  queries.clear();
  vi.mocked(chooseModel).mockReset();
});

describe("ModelPicker", () => {
  const openPicker = async () => {
    render(
      <QueryClientProvider client={queries}>
        <ModelPicker />
      </QueryClientProvider>,
    );
    await userEvent.click(screen.getByRole("button", { name: /Choose another/ }));
  };

  it("says before loading whether a model fits", async () => {
    await openPicker();
    expect(screen.getByText("Fits: 400 MB of 22 GB")).toBeTruthy();
    expect(screen.getByText("Fits with a part on the CPU, slower: 5 GB of 22 GB")).toBeTruthy();
    expect(screen.getByText("Won't fit: needs 41 GB, 20 GB usable")).toBeTruthy();
    await userEvent.click(screen.getByText("Fits: 400 MB of 22 GB"));
    expect(chooseModel).toHaveBeenCalledWith("small");
  });

  it("warns before it chooses a model that won't fit", async () => {
    await openPicker();
    await userEvent.click(screen.getByText("large"));
    expect(screen.getByText(/needs at least 41 GB of memory, and 20 GB can be used now/)).toBeTruthy();
    expect(chooseModel).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
    expect(screen.queryByText(/needs at least/)).toBeNull();
    expect(chooseModel).not.toHaveBeenCalled();

    await userEvent.click(screen.getByRole("button", { name: /Choose another/ }));
    await userEvent.click(screen.getByText("large"));
    await userEvent.click(screen.getByRole("button", { name: "Choose it anyway" }));
    expect(chooseModel).toHaveBeenCalledWith("large");
  });
});
