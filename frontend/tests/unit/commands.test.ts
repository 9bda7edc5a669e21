import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ConversationDetail, Message } from "@/api/types";
import { keys, queries } from "@/state/client";
import { ask, regenerate, remove, rename, sendAgain, stopTurn } from "@/state/commands";
import { readConversation } from "@/state/hooks";
import type { Pages } from "@/state/lists";
import { flat } from "@/state/lists";
import { nothingLive } from "@/state/live";
import { keepOutbox } from "@/state/outbox";
import { getState, setState } from "@/state/store";
import { receive } from "@/state/sync";
import { answer, conversation, message } from "./messages";

// The box, as far as a command calls it: a function a request.
type Reply = [status: number, body?: unknown] | "unreachable";
let requests: { method: string; path: string; body: unknown }[];
let reply: (method: string, path: string, body: never) => Reply | Promise<Reply>;

beforeEach(() => {
  requests = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const method = init.method ?? "GET";
    const body = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
    requests.push({ method, path, body });
    const found = await reply(method, path, body as never);
    if (found === "unreachable") throw new TypeError("Failed to fetch");
    const [status, value] = found;
    const text = value === undefined ? null : JSON.stringify(value);
    return new Response(text, {
      status,
      headers: { "Content-Type": status < 400 ? "application/json" : "application/problem+json" },
    });
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  queries.clear();
  setState({ live: nothingLive, pending: [], stopping: [], notices: [], choices: {}, regenerating: [] });
});

const turnFor = (body: { id: string; text: string }) => ({
  turn_id: "turn",
  question: message({ id: body.id, text: body.text }),
  answer: answer({ id: "a", parent_id: body.id }),
});
const detailOf = () => queries.getQueryData<ConversationDetail>(keys.conversation(conversation));
const known = (messages: Message[]) =>
  queries.setQueryData<ConversationDetail>(keys.conversation(conversation), {
    conversation: { id: conversation, title: "T", created_at: "", updated_at: "" },
    messages,
  });
const question = { conversation, parent: null, text: "What?", model: "m" };

describe("ask", () => {
  it("shows the question at once, then what the box saved", async () => {
    known([]);
    reply = (_method, _path, body) => [202, turnFor(body)];
    ask(question);
    expect(getState().pending.map(({ text }) => text)).toEqual(["What?"]);
    await expect.poll(() => getState().pending.length).toBe(0);
    expect(detailOf()?.messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `POST /api/v1/conversations/${conversation}/messages`,
    ]);
    expect(requests[0]?.body).toMatchObject({ parent_id: null, text: "What?", model: "m" });
  });

  it("makes a new conversation first, with an id of its own", async () => {
    reply = (_method, path, body) => (path.endsWith("/messages") ? [202, turnFor(body)] : [201, {}]);
    const id = ask({ ...question, conversation: null });
    await expect.poll(() => getState().pending.length).toBe(0);
    expect(requests.map(({ path }) => path)).toEqual(["/api/v1/conversations", `/api/v1/conversations/${id}/messages`]);
    expect(requests[0]?.body).toEqual({ id, title: "What?" });
  });

  it("repeats what may have arrived with the same id, and then says that it was not sent", async () => {
    vi.useFakeTimers();
    known([]);
    reply = () => "unreachable";
    ask(question);
    await vi.runAllTimersAsync();
    expect(requests.length).toBe(4);
    expect(new Set(requests.map(({ body }) => (body as { id: string }).id)).size).toBe(1);
    const [pending] = getState().pending;
    expect(pending?.failed).toMatch(/cannot be reached/);

    reply = (_method, _path, body) => [202, turnFor(body)];
    if (pending) sendAgain(pending);
    await vi.runAllTimersAsync();
    expect(getState().pending).toEqual([]);
    expect(requests.at(-1)?.body).toMatchObject({ id: pending?.id });
  });

  it("gives a refusal in the box's words, without a repeat", async () => {
    known([]);
    reply = () => [400, { status: 400, code: "context_full", detail: "Too long. Nothing was lost." }];
    ask(question);
    await expect.poll(() => getState().pending[0]?.failed).toBe("Too long. Nothing was lost.");
    expect(requests.length).toBe(1);
  });

  it("keeps an unsent question through a reload", async () => {
    keepOutbox();
    known([]);
    reply = () => [500, { status: 500, code: "internal", detail: "Broken." }];
    ask(question);
    await expect.poll(() => getState().pending[0]?.failed).toBe("Broken.");
    const kept = sessionStorage.getItem("alcove.pending");
    setState({ pending: [] });
    sessionStorage.setItem("alcove.pending", kept ?? "");
    keepOutbox();
    expect(getState().pending[0]).toMatchObject({ text: "What?", failed: "This question was not sent." });
  });
});

describe("stop", () => {
  it("asks once, waits for the end, and may be asked again when it failed", async () => {
    reply = () => [204];
    await Promise.all([stopTurn("turn"), stopTurn("turn")]);
    expect(requests.length).toBe(1);
    expect(getState().stopping).toEqual(["turn"]);
    const ended = answer({ id: "a", status: "stopped", text: "half" });
    receive({ type: "turn.done", seq: 9, first: 9, turn_id: "turn", conversation_id: conversation, message: ended });
    expect(getState().stopping).toEqual([]);
    reply = () => "unreachable";
    await stopTurn("turn");
    expect(getState().stopping).toEqual([]);
    expect(getState().notices.at(-1)?.tone).toBe("bad");
  });
});

describe("regenerate", () => {
  it("shows the new version", async () => {
    known([message({ id: "q" }), answer({ id: "old", parent_id: "q", status: "done" })]);
    reply = () => [
      202,
      { turn_id: "t2", question: message({ id: "q" }), answer: answer({ id: "new", parent_id: "q" }) },
    ];
    await regenerate(conversation, "q", "old", "m");
    expect(getState().choices[conversation]).toEqual({ q: "new" });
    expect(detailOf()?.messages.map(({ id }) => id)).toEqual(["q", "old", "new"]);
  });
});

describe("the list", () => {
  const one = { id: conversation, title: "T", created_at: "2026-11-25T10:00:00Z", updated_at: "2026-11-25T10:00:00Z" };
  const list = () => flat(queries.getQueryData<Pages>(keys.conversations));
  beforeEach(() => {
    queries.setQueryData<Pages>(keys.conversations, { pages: [{ conversations: [one], next: "" }], pageParams: [""] });
  });

  it("forgets a deleted conversation at once and brings it back on undo", async () => {
    reply = (method) => (method === "DELETE" ? [204] : [200, one]);
    const restored = vi.fn();
    const removed = remove(one, restored);
    expect(list()).toEqual([]);
    await removed;
    getState().notices.at(-1)?.action?.run();
    await expect.poll(list).toEqual([one]);
    expect(restored).toHaveBeenCalledTimes(1);
  });

  it("puts things back when the box refuses", async () => {
    reply = () => [503, { status: 503, code: "read_only", detail: "The disk cannot be written to." }];
    await remove(one, () => undefined);
    await rename(one, "New");
    expect(list()).toEqual([one]);
    expect(getState().notices.map(({ text }) => text)).toEqual(Array(2).fill("The disk cannot be written to."));
  });
});

describe("reading a conversation", () => {
  it("never brings back an answer that ended while it was read", async () => {
    known([message({ id: "q" })]);
    const done = answer({ id: "a", status: "done", text: "Paris." });
    reply = () => {
      receive({ type: "turn.done", seq: 9, first: 9, turn_id: "turn", conversation_id: conversation, message: done });
      return [200, { conversation: {}, messages: [message({ id: "q" }), answer({ id: "a", text: "Par", seq: 5 })] }];
    };
    expect((await readConversation(conversation)).messages.at(-1)).toEqual(done);
    expect(getState().live.answers.a).toBeUndefined();
  });
});
