import * as api from "@/api/calls";
import { asProblem, type Problem } from "@/api/problem";
import type { Conversation, ConversationDetail, Settings, Turn } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { keys, queries } from "./client";
import { newId, takeConversation } from "./ids";
import { drop, type Pages, put } from "./lists";
import { snapshot } from "./live";
import { sentence } from "./sentences";
import { dismiss, getState, notify, type Pending, setState } from "./store";
import { addMessages } from "./sync";
import { root } from "./tree";

// What a person can do. Each command changes the page at once where that is
// safe, and says in a sentence what failed.

export interface Question {
  readonly conversation: string | null;
  readonly parent: string | null;
  readonly text: string;
  readonly model: string | undefined;
  // The documents that it asks; not named: those of the conversation.
  readonly collection?: string | undefined;
  readonly asOf?: string | undefined;
}

// ask shows the question at once and sends it; it gives the conversation's id.
export function ask(question: Question): string {
  const conversation = question.conversation ?? takeConversation();
  const pending: Pending = {
    id: newId(),
    conversation,
    parent: question.parent,
    text: question.text,
    model: question.model,
    collection: question.collection,
    asOf: question.asOf,
    isNew: question.conversation === null,
    createdAt: new Date().toISOString(),
    failed: null,
    stop: false,
  };
  if (pending.isNew) {
    // There is nothing to read yet: a GET would answer "not found".
    queries.setQueryData<ConversationDetail>(keys.conversation(conversation), {
      conversation: {
        id: conversation,
        title: question.text,
        created_at: pending.createdAt,
        updated_at: pending.createdAt,
        ...(pending.collection ? { collection: pending.collection } : {}),
      },
      messages: [],
    });
  }
  setState((state) => ({ pending: [...state.pending, pending] }));
  choose(conversation, question.parent ?? root, pending.id);
  void sendPending(pending);
  return conversation;
}

const tries = 4;

// titleOf is what the box makes of a first question: a conversation whose first
// question is refused has it too. Exported for tests.
export function titleOf(question: string): string {
  const letters = Array.from(
    question
      .slice(0, 4096)
      .replace(/[\s\p{Cc}]+/gu, " ")
      .trim(),
  );
  if (letters.length <= titleLength) return letters.join("");
  const cut = letters.slice(0, titleLength - 1).join("");
  const word = letters[titleLength - 1] === " " ? -1 : cut.lastIndexOf(" ");
  return `${(word > 0 ? cut.slice(0, word) : cut).trimEnd()}…`;
}

const titleLength = 60;

async function sendPending(pending: Pending): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      if (pending.isNew) await api.createConversation(pending.conversation, titleOf(pending.text));
      const turn = await api.postMessage(pending.conversation, {
        id: pending.id,
        parent_id: pending.parent,
        text: pending.text,
        ...(pending.model ? { model: pending.model } : {}),
        ...(pending.collection ? { collection: pending.collection } : {}),
        ...(pending.asOf ? { as_of: pending.asOf } : {}),
      });
      const stop = getState().pending.find((one) => one.id === pending.id)?.stop ?? false;
      began(turn);
      if (stop) await stopTurn(turn.turn_id);
      return;
    } catch (thrown) {
      const problem = asProblem(thrown);
      // The id makes a repeat harmless, so what may have arrived is sent again.
      if (problem.passing && attempt < tries) {
        await new Promise((resolve) => setTimeout(resolve, 400 * 2 ** attempt));
        continue;
      }
      update(pending.id, { failed: failure(problem) });
      return;
    }
  }
}

function began(turn: Turn): void {
  setState((state) => ({ live: snapshot(state.live, turn.answer) }));
  addMessages(turn.question.conversation_id, turn.question, turn.answer);
}

function update(id: string, part: Partial<Pending>): void {
  setState((state) => ({ pending: state.pending.map((one) => (one.id === id ? { ...one, ...part } : one)) }));
}

export function sendAgain(pending: Pending): void {
  const next = { ...pending, failed: null };
  update(pending.id, { failed: null });
  void sendPending(next);
}

// takeBack removes an unsent question and gives its text for the draft.
export function takeBack(pending: Pending): string {
  setState((state) => ({ pending: state.pending.filter((one) => one.id !== pending.id) }));
  return pending.text;
}

export async function stopTurn(turn: string): Promise<void> {
  if (getState().stopping.includes(turn)) return;
  setState((state) => ({ stopping: [...state.stopping, turn] }));
  try {
    await api.stopTurn(turn);
  } catch (thrown) {
    const problem = asProblem(thrown);
    setState((state) => ({ stopping: state.stopping.filter((id) => id !== turn) }));
    if (problem.status !== 404) complain(problem);
  }
}

// stopPending stops an answer whose turn the box has not named yet.
export const stopPending = (pending: Pending) => update(pending.id, { stop: true });

export async function regenerate(
  conversation: string,
  question: string,
  answer: string,
  model?: string,
): Promise<void> {
  if (getState().regenerating.includes(answer)) return;
  setState((state) => ({ regenerating: [...state.regenerating, answer] }));
  try {
    const turn = await api.regenerate(answer, model);
    began(turn);
    choose(conversation, question, turn.answer.id);
  } catch (thrown) {
    complain(asProblem(thrown));
  } finally {
    setState((state) => ({ regenerating: state.regenerating.filter((id) => id !== answer) }));
  }
}

// choose shows child under parent in a conversation.
export function choose(conversation: string, parent: string, child: string): void {
  setState((state) => ({
    choices: { ...state.choices, [conversation]: { ...state.choices[conversation], [parent]: child } },
  }));
}

export async function rename(conversation: Conversation, title: string): Promise<void> {
  const set = (one: Conversation) => {
    queries.setQueryData<Pages>(keys.conversations, (pages) => pages && replace(pages, one));
    queries.setQueryData<ConversationDetail>(keys.conversation(one.id), (old) => old && { ...old, conversation: one });
  };
  set({ ...conversation, title });
  try {
    set(await api.renameConversation(conversation.id, title));
  } catch (thrown) {
    set(conversation);
    complain(asProblem(thrown));
  }
}

function replace(pages: Pages, one: Conversation): Pages {
  const swap = (old: Conversation) => (old.id === one.id ? one : old);
  return { ...pages, pages: pages.pages.map((page) => ({ ...page, conversations: page.conversations.map(swap) })) };
}

// The server keeps a deleted conversation for 30 s; the offer ends before.
const undoMs = 25_000;

export async function remove(conversation: Conversation, onRestored: () => void): Promise<void> {
  const list = (change: (pages: Pages) => Pages) =>
    queries.setQueryData<Pages>(keys.conversations, (pages) => pages && change(pages));
  list((pages) => drop(pages, conversation.id));
  try {
    await api.deleteConversation(conversation.id);
  } catch (thrown) {
    list((pages) => put(pages, conversation));
    complain(asProblem(thrown));
    return;
  }
  const undo = async () => {
    dismiss(notice);
    try {
      const restored = await api.restoreConversation(conversation.id);
      list((pages) => put(pages, restored));
      onRestored();
    } catch (thrown) {
      complain(asProblem(thrown));
    }
  };
  const notice = notify({
    text: m.deleted({ title: conversation.title || m.untitled() }),
    action: { label: m.undo(), run: () => void undo() },
    ms: undoMs,
  });
}

export async function saveSettings(part: Partial<Settings>): Promise<boolean> {
  const before = queries.getQueryData<Settings>(keys.settings);
  queries.setQueryData<Settings>(keys.settings, (old) => ({ ...old, ...part }));
  try {
    queries.setQueryData<Settings>(keys.settings, (await api.patchSettings(part)).settings);
    return true;
  } catch (thrown) {
    queries.setQueryData<Settings>(keys.settings, before);
    complain(asProblem(thrown));
    return false;
  }
}

// complain tells what failed.
export function complain(problem: Problem): void {
  notify({ text: failure(problem), tone: "bad", ms: 10_000 });
}

function failure(problem: Problem): string {
  if (problem.signedOut) void queries.invalidateQueries({ queryKey: keys.session });
  return sentence(problem);
}
