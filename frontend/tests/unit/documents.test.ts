import { afterEach, describe, expect, it, vi } from "vitest";
import type { Block, Document, Source } from "@/api/documents";
import type { ConversationDetail } from "@/api/types";
import { keys, queries } from "@/state/client";
import { changedIn } from "@/state/documents/collections";
import { chosenFiles, worthSending } from "@/state/documents/dropped";
import { type DocumentPages, documentsChanged, replaced } from "@/state/documents/events";
import { held, marked, pieces, unmarked } from "@/state/documents/marks";
import { openPanel, usePanel } from "@/state/documents/panel";
import { grouped, quoted } from "@/state/documents/quotes";
import { wiped } from "@/state/documents/removed";
import { day, idFor, inForce, pagesOf, withSources } from "@/state/documents/words";
import { apply, end, nothingLive, snapshot } from "@/state/live";
import { getState, setState } from "@/state/store";
import { answer, conversation } from "./messages";

afterEach(() => {
  vi.useRealTimers();
  queries.clear();
});

const block = (text: string, part: Partial<Block> = {}): Block => ({ seq: 0, kind: "paragraph", text, ...part });
const document = (part: Partial<Document>): Document => ({
  id: "d1",
  collection_id: "hr",
  name: "a.pdf",
  state: "ready",
  attempts: 0,
  chunks: 1,
  flags: [],
  found: true,
  pages: 1,
  progress: 1,
  size: 1,
  created_at: "2026-11-28T10:00:00.000Z",
  updated_at: "2026-11-28T10:00:00.000Z",
  ...part,
});
const source = (part: Partial<Source>): Source => ({
  n: 1,
  chunk_id: "c",
  document_id: "d1",
  document: "a.pdf",
  score: 0.8,
  title: "",
  collection: "hr",
  quote: "",
  text: "",
  cited: false,
  ...part,
});

describe("marks in an answer", () => {
  const drawn = (text: string) =>
    pieces(text, false).all.map((one) => (one.kind === "text" ? one.text : one.kind === "numbers" ? one.numbers : "?"));

  it("finds numbers, also several in one", () => {
    expect(drawn(marked("Yes [1]. No [2, 13].", 0, []))).toEqual(["Yes ", [1], ". No ", [2, 13], "."]);
  });

  it("leaves what is no number of a source", () => {
    for (const text of ["[x]", "[1234]", "[]", "a[i]"]) expect(drawn(marked(text, 0, []))).toEqual([text]);
  });

  it("keeps numbers with the word before and the stop behind them", () => {
    const groups = (text: string) =>
      held(pieces(marked(text, 0, []), false).all).map((group) =>
        group.map((one) => (one.kind === "text" ? one.text : one.kind === "numbers" ? one.numbers : "?")),
      );
    expect(groups("Paid in full [1][2]. Less (2025) [3]")).toEqual([
      ["Paid in "],
      ["full ", [1], [2], "."],
      [" Less "],
      ["(2025) ", [3]],
    ]);
    const long = "x".repeat(40);
    expect(groups(`${long} [1] and`)).toEqual([[`${long} `], [[1]], [" and"]]);
    expect(groups("[1] says")).toEqual([[[1]], [" says"]]);
  });

  it("makes no link of a number that Markdown would read as one", () => {
    expect(marked("[1](https://evil.example)", 0, [])).not.toContain("[1]");
    expect(marked("[1]: https://evil.example", 0, [])).not.toContain("[1]");
  });

  it("gives code back as it was written, and takes no marks from a model", () => {
    expect(unmarked(marked("a[1] + b", 0, []))).toBe("a[1] + b");
    expect(drawn(marked("a\uE000b\uE002c", 0, []))).toEqual(["a\uFFFDb\uFFFDc"]);
  });

  it("doubts a sentence by UTF-16 offsets of the whole text, behind a list's mark", () => {
    const all = "<think>x</think>\n\n😀 Sure.\n- You get 45 days [1].\n- More.";
    const text = "😀 Sure.\n- You get 45 days [1].\n- More.";
    const start = all.indexOf("- You");
    const check = { start, end: all.indexOf("\n- More"), status: "not_found" };
    const out = marked(text, all.length - text.length, [check]);
    expect(out).toContain("\n- \uE002You get 45 days");
    const { all: found } = pieces(out.slice(out.indexOf("\uE002")), false);
    expect(found.map((one) => one.kind)).toEqual(["text", "numbers", "text", "doubt", "text"]);
    expect(found.map((one) => one.kind === "text" && one.doubted)).toEqual([true, false, true, false, false]);
  });

  it("keeps a doubt within its table's cell, and is not misled by odd offsets", () => {
    const row = "| a | It is 45. |";
    expect(marked(row, 0, [{ start: 6, end: row.length, status: "not_found" }])).toBe("| a | \uE002It is 45.\uE003 |");
    expect(marked("short", 0, [{ start: 90, end: 99, status: "not_found" }])).toBe("short");
    expect(marked("short", 50, [{ start: 0, end: 9, status: "not_found" }])).toBe("short");
    expect(marked("fine", 0, [{ start: 0, end: 4, status: "supported" }])).toBe("fine");
  });
});

describe("a quote in its document", () => {
  const blocks = [block("Before."), block("Leave is\n30  days, paid"), block("in full. More."), block("30 days")];

  it("is found over blocks and white space", () => {
    const found = quoted(blocks, 1, 2, "30 days, paid in full.");
    expect([...found]).toEqual([
      [1, { start: 9, end: 23 }],
      [2, { start: 0, end: 8 }],
    ]);
  });

  it("is looked for in its passage alone, and may be missing", () => {
    expect([...quoted(blocks, 1, 2, "Before.")]).toEqual([]);
    expect([...quoted(blocks, 1, 2, "")]).toEqual([]);
    expect([...quoted(blocks, -1, 99, "Before.")]).toEqual([[0, { start: 0, end: 7 }]]);
  });

  it("groups rows to tables and items to lists, by page", () => {
    const all = [
      block("H", { kind: "heading", page: 1 }),
      block("a", { kind: "item", page: 1 }),
      block("b", { kind: "item", page: 1 }),
      block("r", { kind: "row", table: 1, page: 2 }),
      block("s", { kind: "row", table: 1, page: 2 }),
      block("t", { kind: "row", table: 2, page: 2 }),
    ];
    expect(grouped(all, 0, 99).map(({ kind, blocks: of }) => [kind, ...of])).toEqual([
      ["page"],
      ["heading", 0],
      ["item", 1, 2],
      ["page"],
      ["table", 3, 4],
      ["table", 5],
    ]);
  });
});

describe("words", () => {
  it("writes days, pages and what is in force", () => {
    expect(day("2026-01-01")).toBe("January 1, 2026");
    expect(day("soon")).toBe("soon");
    expect(inForce("2026-01-01", "2026-01-01")).toBe("in force since January 1, 2026");
    expect(inForce("2026-01-02", "2026-01-01")).toBe("in force from January 2, 2026");
    expect([pagesOf({}), pagesOf({ page: 3 }), pagesOf({ page: 3, page_end: 4 })]).toEqual(["", "page 3", "pages 3-4"]);
  });

  it("makes a short name of a title", () => {
    expect(idFor("  Löhne & Gehälter 2026! ")).toBe("lohne-gehalter-2026");
    expect(idFor("人事")).toBe("");
  });

  it("copies an answer with what it cites", () => {
    const sources = [
      source({ cited: true, quote: "30\ndays", page: 2, title: "Handbook", effective: "2026-01-01" }),
      source({ n: 2, quote: "not cited" }),
      source({ n: 3, cited: true, removed: true }),
    ];
    expect(withSources("Yes [1].", sources)).toBe(
      'Yes [1].\n\nSources:\n[1] "30 days" Handbook, a.pdf, page 2, in force since January 1, 2026\n',
    );
    expect(withSources("Yes.", sources.slice(1))).toBe("Yes.");
  });

  it("leaves out what systems put into folders", () => {
    expect([".DS_Store", "a/.git/config", "a/~$b.docx", "Thumbs.db"].filter(worthSending)).toEqual([]);
    expect(chosenFiles([new File(["x"], "a.b.pdf")]).map(({ name }) => name)).toEqual(["a.b.pdf"]);
  });
});

describe("what the box tells", () => {
  const pages = (...documents: Document[]): DocumentPages => ({ pages: [{ documents, next: "" }], pageParams: [""] });

  it("changes a file in its place, and says when it may belong elsewhere", () => {
    const before = pages(document({ state: "reading" }), document({ id: "d2" }));
    expect(replaced(before, document({ state: "reading", progress: 0.5 }))?.moved).toBe(false);
    expect(replaced(before, document({ state: "ready" }))?.moved).toBe(true);
    expect(replaced(before, document({ id: "new" }))).toBeNull();
  });

  it("reads lists again once for many new files", () => {
    vi.useFakeTimers();
    const read = vi.spyOn(queries, "invalidateQueries").mockResolvedValue();
    queries.setQueryData(keys.documents("hr", "", ""), pages(document({})));
    for (let i = 0; i < 50; i++) {
      documentsChanged({ type: "document.changed", seq: i, first: i, document: document({ id: `n${i}` }) });
    }
    vi.advanceTimersByTime(1000);
    expect(read).toHaveBeenCalledTimes(2);
    documentsChanged({ type: "document.deleted", seq: 99, first: 99, id: "d1", collection: "hr" });
    expect(queries.getQueryData<DocumentPages>(keys.documents("hr", "", ""))?.pages[0]?.documents).toEqual([]);
    vi.advanceTimersByTime(1000);
    read.mockRestore();
  });

  it("keeps the sources of a growing answer, which a later snapshot brings too", () => {
    const grounding = { collection: "hr", decision: "answered", score: 0.8, threshold: 0.5, took_ms: 1 };
    const of = { turn_id: "turn", conversation_id: conversation, message_id: "a" };
    const sources = [source({})];
    const told = apply(nothingLive, { type: "turn.sources", seq: 3, first: 3, ...of, sources, grounding });
    expect(told.answers.a?.found?.sources).toBe(sources);
    expect(snapshot(told, answer({ id: "a", seq: 4 })).answers.a?.found?.grounding).toBe(grounding);
    const read = snapshot(nothingLive, answer({ id: "a", seq: 4, sources, grounding }));
    expect(read.answers.a?.found?.sources).toBe(sources);
  });
});

describe("what is removed", () => {
  const grounding = { collection: "hr", decision: "answered", score: 0.8, threshold: 0.5, took_ms: 1 };
  const sources = [
    source({ quote: "q", text: "t", heading: "h", collection: "hr" }),
    source({ n: 2, document_id: "d2", quote: "kept", collection: "it" }),
  ];
  const gone = [{ removed: true, quote: "", text: "" }, { quote: "kept" }];

  it.each([
    { type: "document.deleted", id: "d1", collection: "hr" } as const,
    { type: "collection.deleted", id: "hr" } as const,
  ])("leaves what is open at once: $type", (event) => {
    const done = answer({ id: "b", status: "done", sources, grounding });
    queries.setQueryData(keys.conversation(conversation), { conversation: {}, messages: [done] });
    setState({ live: end(snapshot(nothingLive, answer({ id: "a", seq: 4, sources, grounding })), done) });
    openPanel(sources, sources[0] as Source);
    documentsChanged({ ...event, seq: 9, first: 9 });
    const { live } = getState();
    const open = queries.getQueryData<ConversationDetail>(keys.conversation(conversation));
    for (const now of [
      live.answers.a?.found?.sources,
      live.ended.b?.sources,
      open?.messages[0]?.sources,
      usePanel.getState().shown?.hits,
    ]) {
      expect(now).toMatchObject(gone);
      expect(now?.[0]?.heading).toBeUndefined();
    }
    expect(usePanel.getState().shown?.at).toBe(0);
    expect(wiped(sources, { ...event, id: "other", seq: 10, first: 10 })).toBe(sources);
  });
});

describe("a document's fields", () => {
  it("sets those alone that were changed", () => {
    const was = document({ title: "Handbook", effective: "2026-01-01" });
    const form = { title: "Handbook 2026", effective: "2026-01-01", version: "", series: "" };
    expect(changedIn(was, form)).toEqual({ title: "Handbook 2026" });
    expect(changedIn(was, { ...form, effective: "" })).toEqual({ title: "Handbook 2026", effective: "" });
  });
});
