import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as api from "@/api/calls";
import { Problem } from "@/api/problem";
import type { Model } from "@/api/types";
import { keys, queries } from "@/state/client";
import { changesOf, formOf, numberOf } from "@/state/modelForm";
import { arranged } from "@/state/models";
import { ModelsPage } from "@/views/models/ModelsPage";

vi.mock("@/api/calls", async (original) => ({
  ...(await original<object>()),
  loadModel: vi.fn(async () => undefined),
  listUploads: vi.fn(async () => ({ uploads: [] })),
  getModelFolder: vi.fn(async () => ({ folders: ["/models"] })),
  unloadModel: vi.fn(async () => undefined),
  getModels: vi.fn(async () => queries.getQueryData(keys.models)),
  getCatalogue: vi.fn(async () => ({ room: { memory: 0, gpu: 0 }, rows: [], recommended: "" })),
  getCheck: vi.fn(async () => ({ is_current: false, questions: 18, passes: false })),
  getGolden: vi.fn(async () => ({ questions: [], shipped: true, hash: "" })),
  getModelSettings: vi.fn(async () => ({ settings: { context: 4096, temperature: 0 } })),
  patchModelSettings: vi.fn(async (_: string, part: object) => ({ settings: part })),
}));

const model = (id: string, part: Partial<Model> = {}): Model => ({
  id,
  name: id,
  state: "ready",
  default: false,
  test: false,
  size_bytes: 1e9,
  parameters: "1B",
  context: 8192,
  chat: true,
  embeddings: false,
  reranker: false,
  ...part,
});

describe("arranged", () => {
  const all = [
    model("b"),
    model("a"),
    model("broken", { state: "refused" }),
    model("on its way", { state: "copying" }),
    model("tone", { state: "adapter" }),
    model("z", { state: "loaded", quant: "Q4_K_M", languages: ["de"] }),
  ];
  const ids = (query: string) => arranged(all, query).map((one) => one.id);

  it("puts what answers first and what cannot be used last", () => {
    expect(ids("")).toEqual(["z", "on its way", "a", "b", "broken", "tone"]);
  });

  it("finds by all words", () => {
    expect(ids("q4_k DE")).toEqual(["z"]);
    expect(ids("q4_k fr")).toEqual([]);
  });
});

describe("the form of a model's settings", () => {
  it("sends what was changed only, and null for the default", () => {
    const kept = { context: 4096, temperature: 0, lora: ["tone"], system_prompt: "Old." };
    const form = formOf(kept);
    expect(changesOf(form, kept)).toEqual({ changes: {}, wrong: [] });
    const next = { ...form, context: "", temperature: "0,7", kv: "q8_0", lora: [], system_prompt: " " };
    expect(changesOf(next, kept)).toEqual({
      changes: { context: null, temperature: 0.7, kv: "q8_0", lora: null, system_prompt: null },
      wrong: [],
    });
  });

  it("knows what is no number", () => {
    expect(numberOf(" 1e3 ")).toBe(1000);
    expect(numberOf("0")).toBe(0);
    for (const bad of ["x", "1 2", "--", "Infinity", "1,000,0"]) expect(numberOf(bad)).toBe(undefined);
    expect(changesOf({ ...formOf({}), top_k: "many" }, {})).toEqual({ changes: {}, wrong: ["top_k"] });
  });
});

describe("ModelsPage", () => {
  beforeEach(() => {
    queries.setQueryData(keys.settings, {});
    queries.setQueryData(keys.models, {
      models: [
        model("small", {
          state: "loaded",
          default: true,
          quant: "Q8_0",
          sha256: ["ab".repeat(32), "cd".repeat(32)],
          speed: { answers: 12, tokens_per_sec: 41.4, first_token_ms: 320, device: "CPU" },
        }),
        model("large", { license: "apache-2.0" }),
        model("broken", { state: "refused", reason: "This file is not a GGUF model." }),
      ],
      status: { ready: true, restarts: 0, active: 0, queued: 0 },
    });
    render(
      <QueryClientProvider client={queries}>
        <ModelsPage />
      </QueryClientProvider>,
    );
  });

  afterEach(() => {
    queries.clear();
    vi.clearAllMocks();
  });

  const card = (name: string) => within(screen.getByRole("article", { name }));

  it("shows what is known of each model", () => {
    expect(card("small").getByText("Q8_0")).toBeTruthy();
    expect(card("small").getByText("41 tok/s, first word after 0.3 s. Median of 12 answers here on CPU")).toBeTruthy();
    expect(card("small").getByText("abababababab…").getAttribute("title")).toContain("cd".repeat(32));
    expect(card("small").getByText("Used for new chats")).toBeTruthy();
    expect(card("large").getByText("being computed in the background")).toBeTruthy();
    expect(card("broken").getByText("This file is not a GGUF model.")).toBeTruthy();
    expect(card("broken").queryByRole("button")).toBeNull();
  });

  it("loads, unloads and keeps", async () => {
    await userEvent.click(card("small").getByRole("button", { name: "Unload" }));
    expect(api.unloadModel).toHaveBeenCalledWith("small");
    await userEvent.click(card("large").getByRole("button", { name: "Load" }));
    expect(api.loadModel).toHaveBeenCalledWith("large");
    await userEvent.click(card("large").getByRole("checkbox", { name: "Keep loaded" }));
    expect(api.patchModelSettings).toHaveBeenCalledWith("large", { keep: true });
  });

  it("changes a model's settings, and says why they were refused", async () => {
    await userEvent.click(card("large").getByRole("button", { name: "Settings of large" }));
    const context = await screen.findByRole("textbox", { name: "Context, in tokens" });
    expect((context as HTMLInputElement).value).toBe("4096");
    await userEvent.clear(context);
    await userEvent.type(context, "12");
    vi.mocked(api.patchModelSettings).mockRejectedValueOnce(new Problem(422, "invalid_request", "Too small."));
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    expect((await screen.findByRole("alert")).textContent).toBe("Too small.");
    await userEvent.type(context, "34");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    expect(api.patchModelSettings).toHaveBeenLastCalledWith("large", { context: 1234 });
    expect(screen.queryByRole("textbox", { name: "Context, in tokens" })).toBeNull();
  });
});
