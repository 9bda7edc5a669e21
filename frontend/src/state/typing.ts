import * as api from "@/api/calls";
import type { Settings } from "@/api/types";
import { keys, queries } from "./client";
import { nextConversation } from "./ids";

// While a question is typed the box reads it, so that at Enter only its last
// words are left. Nobody waits for that: failures are not told.

// pauseMs of not typing are a pause.
export const pauseMs = 300;

// Less is read as quickly as it is sent.
const least = 3;

// What the box reads now, or has read.
let told = { conversation: "", parent: null as string | null, text: "" };

export interface Typed {
  readonly conversation: string | null;
  readonly parent: string | null;
  readonly text: string;
  readonly model: string | undefined;
}

// pauseTyping tells the box what was typed until now.
export function pauseTyping(typed: Typed): void {
  if (queries.getQueryData<Settings>(keys.settings)?.prefill_while_typing === false) return;
  const { parent, model } = typed;
  const conversation = typed.conversation ?? nextConversation();
  const text = typed.text.trim();
  const same = told.conversation === conversation && told.parent === parent;
  const before = same ? told.text : "";
  if (text === before || (text !== "" && text.length < least)) return;
  told = { conversation, parent, text };
  api.readDraft(conversation, { parent_id: parent, text, ...(model ? { model } : {}) }).catch(() => {});
}
