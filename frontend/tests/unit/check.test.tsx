import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as api from "@/api/calls";
import { Problem } from "@/api/problem";
import type { CatalogueRow, CheckProgress, CheckResult, CheckView, Golden, Catalogue as Rows } from "@/api/types";
import { keys, queries } from "@/state/client";
import { receive } from "@/state/sync";
import { Catalogue } from "@/views/models/Catalogue";
import { CheckSettings } from "@/views/models/GoldenEditor";
import { HouseCheck } from "@/views/models/HouseCheck";

vi.mock("@/api/calls", async (original) => ({
  ...(await original<object>()),
  getCheck: vi.fn(),
  startCheck: vi.fn(),
  stopCheck: vi.fn(),
  getCatalogue: vi.fn(),
  putGolden: vi.fn(),
  resetGolden: vi.fn(),
  patchSettings: vi.fn(),
  loadModel: vi.fn(),
}));

const show = (child: ReactNode) => render(<QueryClientProvider client={queries}>{child}</QueryClientProvider>);

const result = (part: Partial<CheckResult>): CheckResult => ({
  id: "r",
  model: "new",
  status: "done",
  device: "CPU",
  passed: 1,
  total: 2,
  asked: 2,
  first_token_ms: 300,
  tokens_per_sec: 21,
  promoted: false,
  fresh: true,
  started_at: "2026-11-25T10:00:00.000Z",
  answers: [
    {
      id: "a",
      question: "Capital?",
      answer: "Paris",
      passed: true,
      reason: "",
      first_token_ms: 1,
      output_tokens: 1,
      tokens_per_sec: 1,
    },
    {
      id: "b",
      question: "Sum?",
      answer: "5",
      passed: false,
      reason: "“4” is missing.",
      first_token_ms: 1,
      output_tokens: 1,
      tokens_per_sec: 1,
    },
  ],
  ...part,
});

const view = (part: Partial<CheckView>): CheckView => ({ is_current: false, questions: 18, passes: false, ...part });

const progress = (part: Partial<CheckProgress>): CheckProgress => ({
  model: "new",
  asking: "old",
  stage: "asking",
  done: 3,
  total: 36,
  started_at: "2026-11-25T10:00:00.000Z",
  ...part,
});

beforeEach(() => {
  queries.setQueryData(keys.settings, {});
  queries.setQueryData(keys.models, { models: [], status: { ready: true, restarts: 0, active: 0, queued: 0 } });
  vi.mocked(api.patchSettings).mockImplementation(async (part) => ({ settings: part }));
});

afterEach(() => {
  queries.clear();
  vi.resetAllMocks();
});

describe("HouseCheck", () => {
  const open = async (given: CheckView) => {
    vi.mocked(api.getCheck).mockResolvedValue(given);
    show(<HouseCheck model="new" />);
    await screen.findByRole("heading", { name: "House check" });
  };

  it("starts, shows how it goes, and stops", async () => {
    await open(view({}));
    expect(screen.getByText("Not checked yet: 18 questions.")).toBeTruthy();
    vi.mocked(api.startCheck).mockResolvedValue(progress({ stage: "loading", done: 0 }));
    await userEvent.click(screen.getByRole("button", { name: "Check" }));
    expect(await screen.findByText("Loading old: 0 of 36 questions asked")).toBeTruthy();
    receive({ type: "check.changed", seq: 1, first: 1, model: "new", progress: progress({}), promoted: false });
    expect(await screen.findByText("Asking old: 3 of 36 questions asked")).toBeTruthy();
    expect(screen.getByRole("progressbar").getAttribute("value")).toBe("3");
    await userEvent.click(screen.getByRole("button", { name: "Stop the check" }));
    expect(api.stopCheck).toHaveBeenCalledWith("new");

    vi.mocked(api.getCheck).mockResolvedValue(view({ result: result({ status: "stopped", asked: 2, total: 18 }) }));
    receive({ type: "check.changed", seq: 2, first: 2, model: "new", promoted: false });
    expect(await screen.findByText("Stopped after 2 of 18 questions.")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Make it the default" })).toBeNull();
  });

  it("shows the result beside the current model's, and makes it the default", async () => {
    await open(view({ result: result({}), beside: result({ model: "old", passed: 2, tokens_per_sec: 40 }) }));
    const rows = screen.getAllByRole("row").map((row) => row.textContent);
    expect(rows[1]).toBe("This one1 of 221 tok/s0.3 s");
    expect(rows[2]).toBe("old, current2 of 240 tok/s0.3 s");
    await userEvent.click(screen.getByText("Show the 2 answers"));
    const items = screen.getAllByRole("listitem");
    expect(within(items[0] as HTMLElement).getByLabelText("Passed")).toBeTruthy();
    expect(within(items[1] as HTMLElement).getByText("“4” is missing.")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Make it the default" }));
    expect(api.patchSettings).toHaveBeenCalledWith({ default_model: "new" });
    expect(api.getCheck).toHaveBeenCalledTimes(2);
  });

  it("says why a check failed, and what is no longer true", async () => {
    const error = { code: "model_load_failed", message: "The tensors do not fit." };
    await open(view({ result: result({ status: "failed", error, fresh: false, answers: [], passed: 0, asked: 0 }) }));
    expect(screen.getByText("The check failed: The tensors do not fit.")).toBeTruthy();
    expect(screen.getByText(/have changed since/)).toBeTruthy();
  });

  it("waits while another model is checked", async () => {
    await open(view({ running: progress({ model: "other" }) }));
    expect(screen.getByText("other is being checked.")).toBeTruthy();
    expect((screen.getByRole("button", { name: "Check" }) as HTMLButtonElement).disabled).toBe(true);
  });

  it("reads the settings again when a model was promoted", async () => {
    await open(view({ running: progress({}) }));
    const again = vi.spyOn(queries, "invalidateQueries");
    receive({ type: "check.changed", seq: 3, first: 3, model: "new", promoted: true });
    expect(again).toHaveBeenCalledWith({ queryKey: keys.settings });
    expect(again).toHaveBeenCalledWith({ queryKey: keys.models });
    again.mockRestore();
  });
});

describe("the questions", () => {
  const golden: Golden = {
    questions: [{ id: "capital", question: "Capital?", expect_all: ["Paris"], max_tokens: 20 }],
    shipped: false,
    hash: "h",
  };
  const open = async () => {
    queries.setQueryData(keys.golden, golden);
    show(<CheckSettings />);
    await userEvent.click(screen.getByRole("button", { name: "Edit the questions" }));
  };

  it("are edited and saved", async () => {
    vi.mocked(api.putGolden).mockResolvedValue(golden);
    await open();
    await userEvent.click(screen.getByRole("button", { name: "Add a question" }));
    const [, question] = screen.getAllByLabelText("Question, with the text to answer from");
    const [, any] = screen.getAllByLabelText("One of these must be in it");
    await userEvent.type(question as HTMLElement, "Who?");
    await userEvent.type(any as HTMLElement, " me \n\nyou");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    expect(api.putGolden).toHaveBeenCalledWith([
      golden.questions[0],
      { id: "question-2", question: "Who?", expect_any: ["me", "you"], max_tokens: 150 },
    ]);
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("that are refused stay in the dialog", async () => {
    vi.mocked(api.putGolden).mockRejectedValue(new Problem(422, "invalid_request", "Nothing says what is right."));
    await open();
    await userEvent.click(screen.getByRole("button", { name: "Remove capital" }));
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    expect((await screen.findByRole("alert")).textContent).toBe("Nothing says what is right.");
    expect(screen.getByRole("dialog")).toBeTruthy();
  });

  it("go back to the shipped ones after a second word", async () => {
    vi.mocked(api.resetGolden).mockResolvedValue({ ...golden, shipped: true });
    await open();
    await userEvent.click(screen.getByRole("button", { name: "Back to the shipped ones" }));
    expect(api.resetGolden).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole("button", { name: "Forget these and go back" }));
    expect(api.resetGolden).toHaveBeenCalled();
    expect(await screen.findByText("The shipped questions: 1")).toBeTruthy();
  });

  it("may promote a model by itself", async () => {
    await open();
    await userEvent.click(screen.getByLabelText(/A model that passes becomes the default/));
    expect(api.patchSettings).toHaveBeenCalledWith({ promote_when_passed: true });
  });
});

describe("Catalogue", () => {
  const row = (part: Partial<CatalogueRow>): CatalogueRow => ({
    id: "a",
    name: "A",
    family: "F",
    purpose: "chat",
    parameters: "4B",
    architecture: "llama",
    quant: "Q4_K_M",
    site: "Hugging Face",
    repository: "who/what",
    file: "a.gguf",
    bytes: 2_500_000_000,
    exact: true,
    sha256: "ab".repeat(32),
    context: 8192,
    languages: "many",
    licence: "MIT",
    class_gb: 8,
    cache_bytes: 1,
    read_percent: 100,
    note: "For a PC.",
    source: "Seen.",
    need: 4e9,
    verdict: "fits",
    tight: false,
    have: "",
    ...part,
  });
  const open = async (rows: CatalogueRow[], part: Partial<Rows> = {}) => {
    vi.mocked(api.getCatalogue).mockResolvedValue({ room: { memory: 16e9, gpu: 0 }, recommended: "a", rows, ...part });
    show(<Catalogue />);
    await screen.findByText("For chat");
  };

  it("says what fits and which one is for this box", async () => {
    await open([
      row({}),
      row({ id: "b", name: "B", tight: true }),
      row({ id: "c", name: "C", verdict: "wont_fit", need: 50e9 }),
      row({ id: "d", name: "D", verdict: "fits_partly", tight: true }),
      row({ id: "e", name: "E", purpose: "embeddings", verdict: "", exact: false, sha256: "", have: "e" }),
    ]);
    const items = screen.getAllByRole("listitem");
    expect(items[0]?.textContent).toContain("For this box");
    expect(items[0]?.textContent).toContain("Fits, needs about 4 GB");
    expect(items[1]?.textContent).toContain("tight or slow");
    expect(items[2]?.textContent).toContain("Won't fit: needs about 50 GB");
    expect(items[3]?.textContent).toContain("with a part on the CPU");
    expect(items[4]?.textContent).toContain("In the folder");
    expect(items[4]?.textContent).toContain("about 2.5 GB");
    expect(items[4]?.textContent).toContain("not known");
    expect(screen.getByText("Judged for 16 GB of memory, without a GPU.")).toBeTruthy();
  });

  it("says how to get one, without an address", async () => {
    await open([row({})]);
    await userEvent.click(screen.getByText("How to get A"));
    expect(screen.getByText("Hugging Face, repository who/what")).toBeTruthy();
    expect(screen.getByText("ab".repeat(32))).toBeTruthy();
    expect(screen.getByText("2,500,000,000 bytes")).toBeTruthy();
  });
});
