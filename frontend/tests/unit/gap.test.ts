import { QueryObserver } from "@tanstack/react-query";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { ServerEvent } from "@/api/events";
import type { Conversation } from "@/api/types";
import { keys, queries } from "@/state/client";
import { titleOf } from "@/state/commands";
import type { Pages } from "@/state/lists";
import { receive } from "@/state/sync";

// Readings that end when a test says so, each with what the box had when it began.
let stops: (() => void)[] = [];
let readings: ((value: unknown) => void)[] = [];

function show(queryKey: readonly unknown[]): void {
  const queryFn = () => new Promise((resolve) => readings.push(resolve));
  const observer = new QueryObserver(queries, { queryKey: [...queryKey], queryFn });
  stops.push(observer.subscribe(() => undefined));
}

afterEach(() => {
  vi.useRealTimers();
  for (const stop of stops) stop();
  stops = [];
  readings = [];
  queries.clear();
});

const at = { seq: 7, first: 7 };
const one = (id: string): Conversation => ({ id, title: id, created_at: "", updated_at: "" });
const list = (...ids: string[]) => ({ pages: [{ conversations: ids.map(one), next: "" }], pageParams: [""] });
const shown = () => queries.getQueryData<Pages>(keys.conversations)?.pages[0]?.conversations.map(({ id }) => id);
const changed: ServerEvent = { type: "conversation.changed", ...at, conversation: one("new") };

describe("what changes while it is read", () => {
  it("is read again where the first reading may be of before the stream", async () => {
    show(keys.conversations);
    receive({ type: "hello", ...at, instance: "a" });
    receive({ type: "reset", ...at });
    await expect.poll(() => readings.length).toBe(2);
    readings[0]?.(list("old"));
    readings[1]?.(list("new", "old"));
    await expect.poll(shown).toEqual(["new", "old"]);
  });

  it("is not lost where an event is faster than the first reading", async () => {
    show(keys.conversations);
    receive(changed);
    await expect.poll(() => readings.length).toBe(2);
    readings[0]?.(list("old"));
    readings[1]?.(list("new", "old"));
    await expect.poll(shown).toEqual(["new", "old"]);
  });

  it("is not undone by a later reading that began before", async () => {
    show(keys.conversations);
    readings[0]?.(list("old"));
    await expect.poll(shown).toEqual(["old"]);
    void queries.invalidateQueries({ queryKey: keys.conversations });
    await expect.poll(() => readings.length).toBe(2);
    receive(changed);
    expect(shown()).toEqual(["new", "old"]);
    await expect.poll(() => readings.length).toBe(3);
    readings[1]?.(list("old"));
    readings[2]?.(list("new", "old"));
    await expect.poll(() => queries.isFetching()).toBe(0);
    expect(shown()).toEqual(["new", "old"]);
  });

  it("costs no reading when nothing is being read", async () => {
    show(keys.conversations);
    readings[0]?.(list("old"));
    await expect.poll(shown).toEqual(["old"]);
    receive(changed);
    await expect.poll(shown).toEqual(["new", "old"]);
    expect(readings.length).toBe(1);
  });
});

describe("the inbox", () => {
  it("is read once for many questions", async () => {
    show(keys.inbox("hr", "open"));
    show(keys.inbox("it", "open"));
    for (const end of readings.slice()) end({ items: [] });
    await expect.poll(() => queries.isFetching()).toBe(0);
    for (let n = 0; n < 5; n++) receive({ type: "inbox.changed", ...at, collection: "hr" });
    await expect.poll(() => readings.length).toBe(3);
    await expect.poll(() => queries.isFetching()).toBe(1);
  });
});

describe("titleOf", () => {
  it("is the question's beginning, cut at a word", () => {
    expect(titleOf("  How\n many\tdays? ")).toBe("How many days?");
    const long = titleOf(`${"word ".repeat(30)}end`);
    expect(long).toBe(`${"word ".repeat(12).trim()}…`);
    expect(Array.from(titleOf("🙂".repeat(80))).length).toBe(60);
  });
});
