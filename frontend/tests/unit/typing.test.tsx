import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keys, queries } from "@/state/client";
import { nextConversation, takeConversation } from "@/state/ids";
import { pauseTyping } from "@/state/typing";
import { Composer } from "@/views/chat/Composer";

let told: { path: string; body: unknown }[];

beforeEach(() => {
  told = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    told.push({ path, body: JSON.parse(String(init.body)) });
    return new Response(null, { status: 204 });
  });
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.useRealTimers();
  queries.clear();
});

describe("pauseTyping", () => {
  const typed = (text: string, conversation: string | null = "c") =>
    pauseTyping({ conversation, parent: "a", text, model: "m" });

  it("tells what was typed, once, and when it was given up", async () => {
    typed(""); // nothing was told before
    typed("Hi"); // too short
    typed(" How many ");
    typed("How many");
    typed("How many days");
    typed("");
    typed("");
    const path = "/api/v1/conversations/c/draft";
    await expect.poll(() => told.length).toBe(3);
    expect(told).toEqual(
      ["How many", "How many days", ""].map((text) => ({ path, body: { parent_id: "a", text, model: "m" } })),
    );
  });

  it("uses the id that the new conversation will have", async () => {
    const id = nextConversation();
    typed("What is this?", null);
    await expect.poll(() => told[0]?.path).toContain(id);
    expect(takeConversation()).toBe(id);
    expect(nextConversation()).not.toBe(id);
  });

  it("says nothing when that is switched off, and lives with a failure", async () => {
    queries.setQueryData(keys.settings, { prefill_while_typing: false });
    typed("What is that?");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(told).toEqual([]);
    queries.setQueryData(keys.settings, {});
    vi.stubGlobal("fetch", async () => {
      throw new TypeError("Failed to fetch");
    });
    typed("What is that?");
    await Promise.resolve();
  });
});

describe("Composer", () => {
  it("tells a pause of 300 ms, not each letter", () => {
    vi.useFakeTimers();
    const onPause = vi.fn();
    const nothing = () => {};
    render(
      <Composer
        draftKey="k"
        busy={false}
        stopping={false}
        disabled={false}
        onPause={onPause}
        onSend={nothing}
        onStop={nothing}
      />,
    );
    vi.advanceTimersByTime(300);
    onPause.mockClear();
    for (const text of ["W", "Wh", "Who"]) {
      fireEvent.change(screen.getByRole("textbox"), { target: { value: text } });
      vi.advanceTimersByTime(299);
    }
    expect(onPause).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onPause.mock.calls).toEqual([["Who"]]);
  });
});
