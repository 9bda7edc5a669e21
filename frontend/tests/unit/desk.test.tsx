import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import * as api from "@/api/desk";
import type { Document } from "@/api/documents";
import { decode } from "@/api/events";
import { Problem } from "@/api/problem";
import type { ConversationDetail } from "@/api/types";
import { keys, queries } from "@/state/client";
import { moveInbox, ofTopic, writeAnswer } from "@/state/documents/desk";
import { freshId, resultsOf, runGoldenAnswers, withQuestion } from "@/state/documents/golden";
import { rate } from "@/state/documents/rating";
import { byHeading, cuts, versionBefore } from "@/state/documents/versions";
import { receive } from "@/state/sync";
import { NoteForm, Thumbs } from "@/views/chat/Rating";
import { answer, conversation } from "./messages";

vi.mock("@/api/desk", async (original) => ({
  ...(await original<object>()),
  rateMessage: vi.fn(),
  moveInbox: vi.fn(),
  writeAnswer: vi.fn(),
  changeAnswer: vi.fn(),
  runGoldenAnswers: vi.fn(),
}));

afterEach(() => {
  queries.clear();
  vi.clearAllMocks();
});

const refused = new Problem(422, "invalid", "The answer is empty. Nothing was kept.");
const grounding = { collection: "hr", decision: "refused", score: 0.2, threshold: 0.5, took_ms: 1 };
const item = (ids: string[]): api.InboxItem => ({
  ids,
  kind: "unanswered",
  state: "open",
  question: "Dogs?",
  times: ids.length,
  asked_at: "2026-11-28T10:00:00Z",
  grounding,
});
const kept: api.ApprovedAnswer = {
  id: "a",
  collection: "hr",
  document_id: "d",
  question: "Dogs?",
  answer: "Yes.",
  outdated: false,
  created_at: "2026-11-28T10:00:00Z",
  updated_at: "2026-11-28T10:00:00Z",
};

describe("inbox and answers", () => {
  it("shows a topic's questions by any of their answers", () => {
    const all = [item(["1", "2"]), item(["3"])];
    expect(ofTopic(all, ["2", "9"])).toEqual([all[0]]);
  });

  it("reads every state again when a question moved, also when it could not", async () => {
    const stale = (state: string) => queries.getQueryState(keys.inbox("hr", state))?.isInvalidated;
    for (const failed of [false, true]) {
      for (const state of ["open", "dismissed"]) queries.setQueryData(keys.inbox("hr", state), {});
      if (failed) vi.mocked(api.moveInbox).mockRejectedValueOnce(refused);
      await moveInbox("hr", item(["1"]), "dismissed");
      expect([stale("open"), stale("dismissed")]).toEqual([true, true]);
    }
  });

  it("gives the answer that was kept, or the box's sentence", async () => {
    const form = { question: "Dogs?", answer: "Yes.", effective: "", expires: "", by: "", sources: [], ids: ["1"] };
    vi.mocked(api.writeAnswer).mockResolvedValueOnce(kept);
    expect(await writeAnswer("hr", null, form)).toEqual({ kept });
    expect(api.writeAnswer).toHaveBeenCalledWith("hr", form);
    vi.mocked(api.changeAnswer).mockRejectedValueOnce(refused);
    expect(await writeAnswer("hr", "a", form)).toEqual({ wrong: refused.message });
  });
});

describe("golden questions", () => {
  const q = (id: string): api.GoldenAnswer => ({ id, question: id, expect: "refused" });
  const result = (id: string, passed: boolean, broken = false) => ({ id, passed, broken, decision: "x", score: 0 });

  it("keeps names apart, and a changed question in its place", () => {
    expect(freshId([q("question-2")])).toBe("question-3");
    const changed = { ...q("a"), question: "new" };
    expect(withQuestion([q("a"), q("b")], changed)).toEqual([changed, q("b")]);
    expect(withQuestion([q("a")], q("c")).map(({ id }) => id)).toEqual(["a", "c"]);
  });

  it("puts first what broke, and lives with questions that are gone", () => {
    const results = [result("a", true), result("b", false), result("c", false, true)];
    const run = { id: "r", reason: "manual", total: 3, passed: 1, broken: 1, results } as api.GoldenRun;
    const told = resultsOf({ ...run, started_at: "", ended_at: "" }, [q("a"), q("c")]);
    expect(told.map(({ result: { id }, question }) => [id, question?.id])).toEqual([
      ["c", "c"],
      ["b", undefined],
      ["a", "a"],
    ]);
  });

  it("follows a run by its events, and reads the runs when it ended", async () => {
    const key = keys.goldenRuns("hr");
    const running = () => queries.getQueryData<api.GoldenRuns>(key)?.running;
    queries.setQueryData(key, { runs: [] });
    await runGoldenAnswers("hr", 4);
    expect(running()?.total).toBe(4);
    const tell = (data: object) => {
      const event = decode({ id: "7", event: "golden.changed", data: JSON.stringify({ collection: "hr", ...data }) });
      if (event) receive(event);
    };
    tell({ running: { collection: "hr", reason: "manual", done: 3, total: 4 } });
    expect(running()?.done).toBe(3);
    expect(queries.getQueryState(key)?.isInvalidated).toBe(false);
    tell({});
    expect(running()).toBeUndefined();
    expect(queries.getQueryState(key)?.isInvalidated).toBe(true);
  });

  it("is not running where the box refused", async () => {
    queries.setQueryData(keys.goldenRuns("hr"), { runs: [] });
    vi.mocked(api.runGoldenAnswers).mockRejectedValueOnce(refused);
    await runGoldenAnswers("hr", 4);
    expect(queries.getQueryData<api.GoldenRuns>(keys.goldenRuns("hr"))?.running).toBeUndefined();
  });
});

describe("thumbs", () => {
  const message = answer({ id: "m", status: "done", text: "No.", grounding });
  const shown = () => queries.getQueryData<ConversationDetail>(keys.conversation(conversation))?.messages[0]?.rating;
  const hold = () => queries.setQueryData(keys.conversation(conversation), { conversation: {}, messages: [message] });

  it("are shown at once, and taken back where they were not kept", async () => {
    hold();
    const sent = rate(message, "down");
    expect(shown()).toBe("down");
    expect(await sent).toBe(true);
    vi.mocked(api.rateMessage).mockRejectedValueOnce(refused);
    expect(await rate({ ...message, rating: "down" }, "up")).toBe(false);
    expect(shown()).toBe("down");
  });

  it("say which one is pressed; a note goes with the thumb down", async () => {
    const person = userEvent.setup();
    const rated = vi.fn();
    render(
      <QueryClientProvider client={queries}>
        <Thumbs message={{ ...message, rating: "up" }} onRated={rated} />
        <NoteForm message={message} onClose={() => {}} />
      </QueryClientProvider>,
    );
    expect(screen.getByRole("button", { name: "Good answer" }).getAttribute("aria-pressed")).toBe("true");
    await person.click(screen.getByRole("button", { name: "Bad answer" }));
    expect(rated).toHaveBeenCalledWith("down");
    await person.type(screen.getByLabelText("What was wrong?"), " Not for me. ");
    await person.click(screen.getByRole("button", { name: "Send to HR" }));
    expect(api.rateMessage).toHaveBeenLastCalledWith("m", "down", "Not for me.");
    await screen.findByText("Thank you. HR reads your note without your name.");
  });
});

describe("versions", () => {
  const version = (id: string, part: Partial<Document>) =>
    ({ id, state: "ready", series: "s", created_at: "2026-01-01T00:00:00Z", ...part }) as Document;
  const all = [
    version("24", { effective: "2024-01-01" }),
    version("26", { effective: "2026-01-01" }),
    version("25", { effective: "2025-01-01" }),
    version("x", { effective: "2025-06-01", state: "failed" }),
    version("other", { effective: "2025-06-01", series: "t" }),
  ];

  it("is the one before by day, of the same series and readable", () => {
    const before = (id: string) => versionBefore(all.find((one) => one.id === id) as Document, all)?.id;
    expect(["24", "25", "26", "other"].map(before)).toEqual([undefined, "24", "25", undefined]);
  });

  it("puts changes that follow each other under one heading", () => {
    const change = (heading: string): api.Change => ({ kind: "added", heading, after: "x" });
    const parts = byHeading([change("A"), change("A"), change("B"), change("A")]);
    expect(parts.map(({ heading, changes }) => [heading, changes.length])).toEqual([
      ["A", 2],
      ["B", 1],
      ["A", 1],
    ]);
  });

  it("finds one section in both versions, whatever year their titles have", () => {
    const heading = (year: number) => `Handbook ${year} > 1 Leave`;
    const changes: api.Change[] = [
      { kind: "removed", heading: heading(2025), before: "x" },
      { kind: "added", heading: heading(2026), after: "y" },
    ];
    const parts = byHeading(changes, ["Handbook 2025", "Handbook 2026"]);
    expect(parts.map((part) => [part.heading, part.changes.length])).toEqual([["1 Leave", 2]]);
  });

  it("cuts two sentences where they part, between words", () => {
    expect(cuts("There are 28 days a year.", "There are 30 days a year.")).toEqual([
      ["There are ", "28", " days a year."],
      ["There are ", "30", " days a year."],
    ]);
    expect(cuts("It is so.", "It is so, so.")).toEqual([
      ["It is ", "", "so."],
      ["It is ", "so, ", "so."],
    ]);
    expect(cuts("", "All new.")[1]).toEqual(["", "All new.", ""]);
  });
});
