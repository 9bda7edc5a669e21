import { describe, expect, it } from "vitest";
import { backoff } from "@/api/connection";
import { tokenIn } from "@/api/signin";
import type { Conversation, Model } from "@/api/types";
import { safeLink } from "@/parts/links";
import { marked } from "@/parts/Snippet";
import { groupByDay } from "@/state/groups";
import { chosenModel } from "@/state/hooks";
import { newId } from "@/state/ids";
import { drop, flat, put } from "@/state/lists";
import { bytes, duration } from "@/state/numbers";
import { speakable } from "@/state/speech";
import { pathOf } from "@/state/tree";
import { shortcutOf } from "@/views/shell/keys";
import { answer, message } from "./messages";

const named = (id: string, updated_at = "2026-11-25T10:00:00.000Z"): Conversation => ({
  id,
  title: id,
  created_at: updated_at,
  updated_at,
});

describe("pathOf", () => {
  const tree = [
    message({ id: "q1" }),
    answer({ id: "a1", parent_id: "q1", status: "done" }),
    answer({ id: "a2", parent_id: "q1", status: "done" }),
    message({ id: "q2", parent_id: "a1" }),
    message({ id: "q3", parent_id: "a2" }),
  ];
  const ids = (choice: Record<string, string>) => pathOf(tree, choice).map((step) => step.message.id);

  it("shows the newest version where nothing was chosen", () => {
    expect(ids({})).toEqual(["q1", "a2", "q3"]);
  });
  it("shows what was chosen, with what follows it", () => {
    expect(ids({ q1: "a1" })).toEqual(["q1", "a1", "q2"]);
    expect(pathOf(tree, { q1: "a1" })[1]).toMatchObject({ siblings: ["a1", "a2"], index: 0 });
  });
  it("falls back when the chosen one is gone, and never loops", () => {
    expect(ids({ q1: "gone" })).toEqual(["q1", "a2", "q3"]);
    expect(pathOf([message({ id: "x", parent_id: "x" })], {})).toEqual([]);
    expect(pathOf([message({ id: "y", parent_id: "lost" })], {}).length).toBe(1);
  });
});

describe("groupByDay", () => {
  const now = new Date(2026, 10, 25, 0, 30);
  const at = (...parts: [number, number, number, number, number]) => new Date(...parts).toISOString();
  it("follows the reader's calendar, newest first", () => {
    const groups = groupByDay(
      [
        named("older", at(2026, 10, 17, 23, 59)),
        named("week", at(2026, 10, 18, 0, 0)),
        named("yesterday", at(2026, 10, 24, 23, 59)),
        named("early", at(2026, 10, 25, 0, 1)),
        named("late", at(2026, 10, 25, 0, 20)),
      ],
      now,
    );
    expect(groups.map((group) => [group.name, group.conversations.map(({ id }) => id)])).toEqual([
      ["today", ["late", "early"]],
      ["yesterday", ["yesterday"]],
      ["week", ["week"]],
      ["older", ["older"]],
    ]);
  });
});

describe("lists", () => {
  const pages = {
    pages: [
      { conversations: [named("a"), named("b")], next: "n" },
      { conversations: [named("c")], next: "" },
    ],
    pageParams: ["", "n"],
  };
  it("puts a conversation in front, once, and drops it", () => {
    expect(flat(put(pages, named("c"))).map(({ id }) => id)).toEqual(["c", "a", "b"]);
    expect(flat(drop(pages, "b")).map(({ id }) => id)).toEqual(["a", "c"]);
  });
});

describe("chosenModel", () => {
  const model = (id: string, part: Partial<Model> = {}) => ({ id, state: "ready", default: false, ...part }) as Model;
  const models = [
    model("bad", { state: "refused" }),
    model("half", { state: "copying" }),
    model("a"),
    model("b", { default: true }),
  ];
  it("prefers the setting, then the loaded one, then the default, then a usable one", () => {
    expect(chosenModel(models, "a", "b")?.id).toBe("a");
    expect(chosenModel(models, "gone", "a")?.id).toBe("a");
    expect(chosenModel(models, undefined, undefined)?.id).toBe("b");
    expect(chosenModel(models.slice(0, 3), undefined, undefined)?.id).toBe("a");
    expect(chosenModel([], undefined, undefined)).toBeUndefined();
  });
});

describe("safeLink", () => {
  it.each([
    "javascript:alert(1)",
    " JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:x",
    "/relative",
    "#x",
    "//host/x",
    "",
  ])("does not follow %j", (address) => expect(safeLink(address)).toBeNull());
  it("shows where a link really goes", () => {
    expect(safeLink("https://bank.example@evil.example/x")).toEqual({
      href: "https://evil.example/x",
      host: "evil.example",
    });
    expect(safeLink("http://example.com:8080/")?.host).toBe("example.com:8080");
    expect(safeLink("mailto:hr%40example.com")?.host).toBe("hr@example.com");
    expect(safeLink("https://аpple.com/")?.host).toBe("xn--pple-43d.com");
  });
});

describe("small things", () => {
  it("finds the token of a sign-in link only", () => {
    expect(tokenIn("#signin=kvMmRvHN8_hRP4-acm3z")).toBe("kvMmRvHN8_hRP4-acm3z");
    for (const hash of ["", "#/c/1", "#signin=", "#signin=a b c d e f", "#signin=<script>aaaa"])
      expect(tokenIn(hash)).toBeNull();
  });
  it("makes UUIDs, also without a secure context", () => {
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    expect(newId()).toMatch(uuid);
    const real = crypto.randomUUID;
    Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
    expect(newId()).toMatch(uuid);
    Object.defineProperty(crypto, "randomUUID", { value: real, configurable: true });
  });
  it("waits longer after each break, within bounds", () => {
    expect([0, 1, 2, 3, 9, 99].map((attempt) => backoff(attempt, 1))).toEqual([500, 1000, 2000, 4000, 10_000, 10_000]);
    expect(backoff(0, 0)).toBe(375);
  });
  it("marks what a search found", () => {
    expect(marked("a \u0001bc\u0002 d").map(({ text, hit }) => [text, hit])).toEqual([
      ["a ", false],
      ["bc", true],
      [" d", false],
    ]);
    expect(marked("\u0001x\u0002").map(({ text }) => text)).toEqual(["x"]);
    expect(marked("plain").length).toBe(1);
  });
  it("speaks whole sentences, and the rest at the end", () => {
    expect(speakable("One. Two is", 0, false)).toEqual({ say: "One.", upTo: 4 });
    expect(speakable("3.14 is", 0, false).say).toBe("");
    expect(speakable("One. Two", 4, true)).toEqual({ say: " Two", upTo: 8 });
  });
  it("writes numbers for people", () => {
    expect([duration(840), duration(12_400), duration(125_000), bytes(17), bytes(98e6), bytes(4.2e9)]).toEqual([
      "0.8 s",
      "12 s",
      "2 min 5 s",
      "17 B",
      "98 MB",
      "4.2 GB",
    ]);
  });
  it("knows the shortcuts and leaves the browser its own", () => {
    const press = (key: string, part: Partial<KeyboardEvent> = {}) => shortcutOf({ key, ...part } as KeyboardEvent);
    expect(press("O", { ctrlKey: true, shiftKey: true })).toBe("newChat");
    expect(press("b", { metaKey: true })).toBe("sidebar");
    expect(press("k", { ctrlKey: true })).toBe("search");
    expect(press("Escape", { shiftKey: true })).toBe("composer");
    for (const key of ["n", "r", "t", "w", "c", "v"]) expect(press(key, { ctrlKey: true })).toBeNull();
    expect(press("b")).toBeNull();
  });
});
