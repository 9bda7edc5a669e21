import { describe, expect, it } from "vitest";
import { splitThinking } from "@/state/thinking";

describe("splitThinking", () => {
  const cases: [string, string, string | null, string, boolean][] = [
    ["a plain answer", "Paris.", null, "Paris.", false],
    ["nothing yet", "", null, "", false],
    [
      "thoughts and an answer",
      "<think>\nFrance. Its capital.\n</think>\n\nParis.",
      "France. Its capital.",
      "Paris.",
      false,
    ],
    ["no thoughts in the marks", "<think>\n\n</think>\n\nParis.", "", "Paris.", false],
    ["still thinking", "<think>\nFrance", "France", "", true],
    ["the mark in pieces", "<thi", "", "", true],
    ["a smaller sign", "<b", null, "<b", false],
    ["the template opened", "France. Its capital.\n</think>\nParis.", "France. Its capital.", "Paris.", false],
    ["an answer about the marks", "Write `<think>` and `</think>`.", null, "Write `<think>` and `</think>`.", false],
    ["marks later in an answer", "Use <think>this</think> so.", null, "Use <think>this</think> so.", false],
    ["two pairs", "<think>a</think>b <think>c</think>", "a", "b <think>c</think>", false],
  ];
  for (const [name, text, thought, answer, open] of cases) {
    it(name, () => expect(splitThinking(text)).toEqual({ thought, answer, open }));
  }
  it("never loses a letter of what comes piece by piece", () => {
    const whole = "<think>\nOne thought.\n</think>\n\nThe answer.";
    for (let n = 0; n <= whole.length; n++) {
      const { thought, answer } = splitThinking(whole.slice(0, n));
      expect("One thought.".startsWith(thought?.replace(/\n?<\/?t?h?i?n?k?$/, "") ?? "")).toBe(true);
      expect("The answer.".startsWith(answer)).toBe(true);
    }
  });
});
