import { describe, expect, it } from "vitest";
import { addDeltas, apply, end, type Live, nothingLive, reconcile, snapshot, torn, withMessages } from "@/state/live";
import { answer, conversation, delta, message } from "./messages";

const textOf = (live: Live) => live.answers.a?.text;
const started = snapshot(nothingLive, answer({ id: "a", text: "", seq: 10 }));

describe("a growing answer", () => {
  it("is its snapshot and every later delta, once", () => {
    const deltas = [delta("a", 11, "The "), delta("a", 12, "capital")];
    const live = addDeltas(started, deltas);
    expect(textOf(live)).toBe("The capital");
    expect(textOf(addDeltas(live, deltas))).toBe("The capital");
  });

  it("reads on after a reload: deltas up to the snapshot's number are in it", () => {
    const live = snapshot(nothingLive, answer({ id: "a", text: "The capital", seq: 12 }));
    const read = addDeltas(live, [delta("a", 11, "The "), delta("a", 12, "capital"), delta("a", 13, " of")]);
    expect(textOf(read)).toBe("The capital of");
  });

  it("holds deltas that come before the snapshot", () => {
    const early = addDeltas(nothingLive, [delta("a", 12, "b"), delta("a", 13, "c")]);
    expect(early.answers.a?.based).toBe(false);
    expect(textOf(snapshot(early, answer({ id: "a", text: "ab", seq: 12 })))).toBe("abc");
  });

  it("is the same however snapshot and deltas interleave", () => {
    const text = "The capital of France is Paris.";
    const all = [...text].map((letter, i) => delta("a", 11 + i, letter));
    for (let cut = 0; cut <= all.length; cut++) {
      for (let from = 0; from <= cut; from++) {
        const before = addDeltas(nothingLive, all.slice(from, cut));
        const taken = snapshot(before, answer({ id: "a", text: text.slice(0, from), seq: 10 + from }));
        expect(textOf(addDeltas(taken, all.slice(cut)))).toBe(text);
      }
    }
  });

  it("is torn by a delta that joins pieces from before and after, and mended by a newer snapshot", () => {
    const live = snapshot(nothingLive, answer({ id: "a", text: "ab", seq: 12 }));
    const broken = addDeltas(live, [delta("a", 14, "abcd", 11), delta("a", 15, "e")]);
    expect(torn(broken)).toEqual(["a"]);
    expect(textOf(broken)).toBe("ab");
    const mended = snapshot(broken, answer({ id: "a", text: "abcd", seq: 14 }));
    expect(torn(mended)).toEqual([]);
    expect(textOf(mended)).toBe("abcde");
  });

  it("is not set back by an older snapshot", () => {
    const live = addDeltas(started, [delta("a", 11, "new")]);
    expect(textOf(snapshot(live, answer({ id: "a", text: "", seq: 10 })))).toBe("new");
  });

  it("forgets everything on reset and takes the next snapshot", () => {
    const live = apply(addDeltas(started, [delta("a", 11, "old")]), { type: "reset", seq: 3, first: 3 });
    expect(live).toEqual(nothingLive);
    expect(textOf(snapshot(live, answer({ id: "a", text: "kept", seq: 2 })))).toBe("kept");
  });

  it("keeps its stage through deltas", () => {
    const stage = { type: "turn.stage", stage: "prefill", done: 5, total: 9, message_id: "a" } as const;
    const live = apply(started, { ...stage, seq: 11, first: 11, turn_id: "turn", conversation_id: conversation });
    expect(addDeltas(live, [delta("a", 12, "x")]).answers.a?.stage).toEqual({
      name: "prefill",
      done: 5,
      total: 9,
      place: 0,
      waitMs: 0,
    });
  });
});

describe("an ended answer", () => {
  const done = answer({ id: "a", status: "done", text: "Paris." });
  const ended = end(started, done);

  it("does not grow again by a late delta or a slow GET", () => {
    expect(addDeltas(ended, [delta("a", 20, "!")]).answers.a).toBeUndefined();
    expect(snapshot(ended, answer({ id: "a", text: "Par", seq: 15 })).answers.a).toBeUndefined();
    const detail = { conversation: {} as never, messages: [answer({ id: "a", text: "Par", seq: 15 })] };
    expect(reconcile(ended, detail, undefined).messages).toEqual([done]);
  });

  it("keeps a message that arrived while the conversation was read", () => {
    const old = { conversation: {} as never, messages: [message({ id: "q" })] };
    const before = { ...old, messages: [message({ id: "q" }), done] };
    expect(reconcile(ended, old, before).messages.map(({ id }) => id)).toEqual(["q", "a"]);
  });

  it("is never replaced by a growing copy", () => {
    const detail = { conversation: {} as never, messages: [done] };
    expect(withMessages(detail, answer({ id: "a" })).messages).toEqual([done]);
  });
});
