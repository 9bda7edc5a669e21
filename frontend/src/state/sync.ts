import { getMessage } from "@/api/calls";
import type { Connection, StreamState } from "@/api/connection";
import type { ServerEvent, TurnDelta } from "@/api/events";
import { shareEvents } from "@/api/shared";
import type { Attention, ConversationDetail, Message, Models } from "@/api/types";
import { alertChanged, alertTold } from "./alertEvents";
import { checkChanged } from "./checkEvents";
import { alter, keys, queries, readAgain } from "./client";
import { answerEnded } from "./desktop";
import { documentsChanged } from "./documents/events";
import { goldenChanged } from "./documents/goldenEvents";
import { inboxChanged } from "./documents/inboxEvents";
import { drop, type Pages, put } from "./lists";
import { addDeltas, apply, snapshot, torn, withMessages } from "./live";
import { takeSample } from "./monitor/samples";
import { capacityChanged } from "./operate/capacityEvents";
import { getState, setState } from "./store";

// The event stream's way into the caches. Deltas are collected and drawn once
// a frame: a browser that draws each token takes the processor from the model.

let waiting: TurnDelta[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;
let instance: string | undefined;

const drawEveryMs = 50;

export function startSync(): Connection {
  return shareEvents({ onEvent: receive, onState });
}

function onState(stream: StreamState): void {
  setState({ stream });
  if (stream === "refused") void queries.invalidateQueries({ queryKey: keys.session });
}

// receive takes one event of the stream; exported for tests.
export function receive(event: ServerEvent): void {
  if (event.type === "turn.delta") {
    waiting.push(event);
    timer ??= setTimeout(flush, drawEveryMs);
    return;
  }
  flush();
  setState((state) => ({ live: apply(state.live, event) }));
  toCaches(event);
}

// flush applies the deltas collected so far; exported for tests.
export function flush(): void {
  clearTimeout(timer);
  timer = undefined;
  if (waiting.length === 0) return;
  const deltas = waiting;
  waiting = [];
  setState((state) => ({ live: addDeltas(state.live, deltas) }));
  for (const id of torn(getState().live)) void mend(id);
}

const mending = new Set<string>();

// mend reads an answer anew whose text could not be continued.
async function mend(id: string): Promise<void> {
  if (mending.has(id)) return;
  mending.add(id);
  try {
    const message = await getMessage(id);
    setState((state) => ({ live: snapshot(state.live, message) }));
    addMessages(message.conversation_id, message);
  } catch {
    // The next delta tries again; the end brings the whole text anyway.
  } finally {
    mending.delete(id);
  }
}

function toCaches(event: ServerEvent): void {
  switch (event.type) {
    case "hello":
      // Another run of the program: its numbers mean nothing to us.
      if (instance !== undefined && instance !== event.instance) readAllAgain();
      instance = event.instance;
      break;
    case "reset":
      readAllAgain();
      break;
    case "turn.started":
      addMessages(event.conversation_id, event.question, event.answer);
      break;
    case "turn.done":
    case "turn.failed":
      addMessages(event.conversation_id, event.message);
      answerEnded();
      setState((state) => ({
        stopping: state.stopping.filter((id) => id !== event.turn_id),
        speed: event.message.figures?.tokens_per_sec || state.speed,
      }));
      break;
    case "conversation.changed": {
      const { conversation } = event;
      alter<Pages>(keys.conversations, (pages) => put(pages, conversation));
      queries.setQueryData<ConversationDetail>(
        keys.conversation(conversation.id),
        (detail) => detail && { ...detail, conversation },
      );
      break;
    }
    case "conversation.deleted":
      alter<Pages>(keys.conversations, (pages) => drop(pages, event.id));
      queries.removeQueries({ queryKey: keys.conversation(event.id), exact: true });
      break;
    case "document.changed":
    case "document.deleted":
    case "collection.changed":
    case "collection.deleted":
      documentsChanged(event);
      break;
    case "golden.changed":
      goldenChanged(event);
      break;
    case "inbox.changed":
      inboxChanged(event.collection);
      break;
    case "monitor":
      setState({ machine: event.sample });
      takeSample(event.sample);
      break;
    case "attention.changed":
      queries.setQueryData<Attention>(keys.attention, { items: event.items });
      break;
    case "alert.changed":
      alertChanged(event.alert);
      break;
    case "alert.notice":
      alertTold(event.notice);
      break;
    case "capacity.changed":
      capacityChanged(event);
      break;
    case "check.changed":
      checkChanged(event);
      break;
    case "engine.changed":
      queries.setQueryData<Models>(keys.models, { models: event.models, status: event.status });
      break;
  }
}

// addMessages puts messages into a conversation that is in the cache, and
// takes the question off the list of those on their way.
export function addMessages(conversation: string, ...messages: readonly Message[]): void {
  queries.setQueryData<ConversationDetail>(
    keys.conversation(conversation),
    (detail) => detail && withMessages(detail, ...messages),
  );
  const ids = new Set(messages.map((message) => message.id));
  if (getState().pending.some((one) => ids.has(one.id))) {
    setState((state) => ({ pending: state.pending.filter((one) => !ids.has(one.id)) }));
  }
}

function readAllAgain(): void {
  const read = [
    "conversations",
    "conversation",
    "models",
    "settings",
    "model-settings",
    "check",
    "golden",
    "catalogue",
    "attention",
    "alerts",
    "alert-channels",
    "samples",
    "inbox",
    "gaps",
    "approved",
    "golden-answers",
    "golden-runs",
    "document",
    "collections",
    "documents",
    "document-text",
    "watched",
    "capacity",
    "cost",
    "prices",
  ];
  for (const name of read) {
    void readAgain([name]);
  }
}
