import { QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Message } from "@/api/types";
import { keys, queries } from "@/state/client";
import { setDraft } from "@/state/drafts";
import { nothingLive, type Stage } from "@/state/live";
import { useSignIn } from "@/state/session";
import { getState, type Pending, setState } from "@/state/store";
import { receive } from "@/state/sync";
import { Answer } from "@/views/chat/Answer";
import { Composer } from "@/views/chat/Composer";
import { Question } from "@/views/chat/Question";
import { labelOf } from "@/views/chat/StageLine";
import { Thread } from "@/views/chat/Thread";
import { SignIn } from "@/views/SignIn";
import { answer, conversation, delta } from "./messages";

const draw = (view: ReactNode) => render(<QueryClientProvider client={queries}>{view}</QueryClientProvider>);
const nothing = () => undefined;

beforeEach(() => {
  // The page asks for the session, the models and settings; here they are known.
  queries.setQueryData(keys.session, { signed_in: false, instance: "i" });
  queries.setQueryData(keys.models, { models: [], status: { ready: true, restarts: 0, active: 0, queued: 0 } });
  queries.setQueryData(keys.settings, {});
});

afterEach(() => {
  queries.clear();
  setState({ live: nothingLive, pending: [], stopping: [], notices: [] });
  setDraft("", "");
});

describe("Composer", () => {
  const compose = (part: Partial<Parameters<typeof Composer>[0]> = {}) => {
    const onSend = vi.fn();
    const onStop = vi.fn();
    draw(
      <Composer
        draftKey=""
        busy={false}
        stopping={false}
        disabled={false}
        onPause={nothing}
        onSend={onSend}
        onStop={onStop}
        {...part}
      />,
    );
    return { onSend, onStop, box: screen.getByRole("textbox") as HTMLTextAreaElement };
  };

  it("sends on Enter, makes a line on Shift+Enter", async () => {
    const { onSend, box } = compose();
    await userEvent.type(box, "one{Shift>}{Enter}{/Shift}two");
    expect(onSend).not.toHaveBeenCalled();
    await userEvent.type(box, "{Enter}");
    expect(onSend).toHaveBeenCalledExactlyOnceWith("one\ntwo");
  });

  it("does not send while an input method composes", () => {
    setDraft("", "にほん");
    const { onSend, box } = compose();
    fireEvent.keyDown(box, { key: "Enter", isComposing: true });
    fireEvent.keyDown(box, { key: "Enter", keyCode: 229 });
    expect(onSend).not.toHaveBeenCalled();
    fireEvent.keyDown(box, { key: "Enter" });
    expect(onSend).toHaveBeenCalledTimes(1);
  });

  it("sends nothing that is blank, and nothing while an answer is written", async () => {
    setDraft("", "  \n ");
    const blank = compose();
    fireEvent.keyDown(blank.box, { key: "Enter" });
    expect(blank.onSend).not.toHaveBeenCalled();
  });

  it("turns into stop while an answer is written, and keeps what is typed", async () => {
    setDraft("", "next");
    const { onSend, onStop, box } = compose({ busy: true });
    fireEvent.keyDown(box, { key: "Enter" });
    expect(onSend).not.toHaveBeenCalled();
    expect(box.value).toBe("next");
    await userEvent.click(screen.getByRole("button", { name: "Stop" }));
    expect(onStop).toHaveBeenCalledTimes(1);
  });

  it("keeps a draft for each conversation", () => {
    setDraft("a", "for a");
    expect(compose({ draftKey: "a" }).box.value).toBe("for a");
    setDraft("a", "");
  });
});

describe("stage labels", () => {
  const stage = (name: Stage["name"], done = 0, total = 0, place = 0, waitMs = 0): Stage => ({
    name,
    done,
    total,
    place,
    waitMs,
  });
  it("say what an answer waits for", () => {
    expect(labelOf(null, false)).toBe("Sending");
    expect(labelOf(stage("queued"), false)).toBe("Waiting for a free place");
    expect(labelOf(stage("queued", 0, 0, 3, 12_400), false)).toBe("Number 3 in the queue, about 12 s");
    expect(labelOf(stage("loading"), false)).toBe("Loading the model");
    expect(labelOf(stage("prefill", 384, 1210), false)).toBe("Reading 384 of 1,210 tokens");
    expect(labelOf(stage("prefill"), false)).toBe("Reading");
    expect(labelOf(stage("decode"), true)).toBe("Writing");
    expect(labelOf(stage("resuming"), true)).toBe("The engine restarted; the answer goes on");
  });
});

describe("Answer", () => {
  const show = (message: Message, onAgain = nothing) =>
    draw(<Answer message={message} versions={{ index: 0, count: 1, go: nothing }} busy={false} onAgain={onAgain} />);
  const figures = {
    model: "SmolLM2",
    device: "CPU",
    prompt_tokens: 48,
    cached_tokens: 32,
    output_tokens: 7,
    first_token_ms: 180,
    total_ms: 1200,
    tokens_per_sec: 112.4,
    finish: "stop",
    restarts: 0,
  };

  it("grows with the events and ends with its figures", async () => {
    const growing = answer({ id: "a", seq: 10 });
    const view = show(growing);
    act(() => {
      receive({
        type: "turn.started",
        seq: 10,
        first: 10,
        turn_id: "turn",
        conversation_id: conversation,
        question: growing,
        answer: growing,
      });
      receive(delta("a", 11, "The capital "));
      receive(delta("a", 12, "is **Paris**"));
    });
    expect(await screen.findByText("Paris")).toBeTruthy();
    expect(screen.getByText("Writing").closest("article")?.getAttribute("aria-busy")).toBe("true");
    const done = answer({ id: "a", status: "done", text: "The capital is **Paris**.", figures });
    act(() =>
      receive({ type: "turn.done", seq: 13, first: 13, turn_id: "turn", conversation_id: conversation, message: done }),
    );
    view.unmount();
    show(done);
    expect(screen.getByRole("button", { name: "SmolLM2 · 1.2 s · 112 tok/s" })).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "SmolLM2 · 1.2 s · 112 tok/s" }));
    expect(screen.getByText("32 tokens")).toBeTruthy();
    expect(getState().speed).toBe(112.4);
  });

  it("says how it ended, in sentences, and offers another try", async () => {
    const onAgain = vi.fn();
    const error = { code: "worker_failed", message: "The engine stopped twice. What was written is kept." };
    show(answer({ id: "a", status: "failed", text: "half", error }), onAgain);
    expect(screen.getByRole("alert").textContent).toContain("The engine stopped twice. What was written is kept.");
    expect(screen.getByText("half")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(onAgain).toHaveBeenCalledTimes(1);
  });

  it.each([
    ["stopped", "x", "Stopped. What was written is kept."],
    ["stopped", "", "Stopped before anything was written."],
    ["interrupted", "x", "The program ended while this was written. What was written is kept."],
    ["done", "", "The model ended without writing anything."],
  ] as const)("%s with text %j: %s", (status, text, note) => {
    show(answer({ id: "a", status, text }));
    expect(screen.getByText(note)).toBeTruthy();
  });

  it("walks through its versions", async () => {
    const go = vi.fn();
    const versions = { index: 1, count: 2, go };
    draw(
      <Answer
        message={answer({ id: "a", status: "done", text: "x" })}
        versions={versions}
        busy={false}
        onAgain={nothing}
      />,
    );
    expect(screen.getByText("2/2")).toBeTruthy();
    expect((screen.getByRole("button", { name: "Next version" }) as HTMLButtonElement).disabled).toBe(true);
    await userEvent.click(screen.getByRole("button", { name: "Previous version" }));
    expect(go).toHaveBeenCalledExactlyOnceWith(0);
  });
});

describe("Question", () => {
  it("is edited in place and asked again only when it changed", async () => {
    const onEdit = vi.fn();
    draw(<Question text="What?" onEdit={onEdit} />);
    await userEvent.click(screen.getByRole("button", { name: "Edit question" }));
    await userEvent.keyboard("{Enter}");
    expect(onEdit).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole("button", { name: "Edit question" }));
    await userEvent.type(screen.getByRole("textbox"), " Why?{Enter}");
    expect(onEdit).toHaveBeenCalledExactlyOnceWith("What? Why?");
  });
});

describe("a question that was not sent", () => {
  const pending: Pending = {
    id: "q",
    conversation,
    parent: null,
    text: "Are you there?",
    model: undefined,
    isNew: false,
    createdAt: "2026-11-25T10:00:00.000Z",
    failed: "Alcove cannot be reached.",
    stop: false,
  };
  it("stays, with its reason, and can be taken back to the draft", async () => {
    setState({ pending: [pending] });
    draw(<Thread conversation={conversation} path={[]} pending={[pending]} />);
    expect(screen.getByText("Are you there?")).toBeTruthy();
    expect(screen.getByRole("alert").textContent).toContain("Alcove cannot be reached.");
    await userEvent.click(screen.getByRole("button", { name: "Edit it" }));
    expect(getState().pending).toEqual([]);
    draw(
      <Composer
        draftKey={conversation}
        busy={false}
        stopping={false}
        disabled={false}
        onPause={nothing}
        onSend={nothing}
        onStop={nothing}
      />,
    );
    expect((screen.getByLabelText("Your question") as HTMLTextAreaElement).value).toBe("Are you there?");
  });
});

describe("SignIn", () => {
  it("says what to type, and why a link did not work", () => {
    useSignIn.setState({ failed: "This sign-in link was used already." });
    draw(<SignIn />);
    expect(screen.getByText("alcove link")).toBeTruthy();
    expect(screen.getByRole("alert").textContent).toBe("This sign-in link was used already.");
    useSignIn.setState({ failed: null });
  });
});
