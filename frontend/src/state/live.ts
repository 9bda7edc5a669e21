import type { Grounding, Source } from "@/api/documents";
import type { ServerEvent, StageName, TurnDelta, TurnSources, TurnStage } from "@/api/events";
import type { ConversationDetail, Message } from "@/api/types";

// The growing answers. A snapshot (a GET, or turn.started) gives the text up
// to a sequence number; deltas with a higher number continue it. Deltas that
// come before their snapshot are held. A delta that joins pieces from before
// and after the snapshot cannot be cut: the answer is torn, and a newer
// snapshot has to be read. Everything here is pure.

export interface Stage {
  readonly name: StageName;
  readonly done: number;
  readonly total: number;
  // In the queue, 0 if it is not known; waitMs is an estimate.
  readonly place: number;
  readonly waitMs: number;
}

interface Piece {
  readonly first: number;
  readonly seq: number;
  readonly text: string;
}

export interface LiveAnswer {
  readonly text: string;
  // Newest sequence number that text includes.
  readonly seq: number;
  readonly stage: Stage | null;
  // False until a snapshot has come, and again when the text was torn; text
  // is the best that is known.
  readonly based: boolean;
  readonly held: readonly Piece[];
  // What was found in the documents, if they were asked.
  readonly found: { readonly sources: readonly Source[]; readonly grounding: Grounding } | null;
}

export interface Live {
  readonly answers: Readonly<Record<string, LiveAnswer>>;
  // Final messages of turns that ended while this page was open. A slow GET
  // that was answered before the end must not bring a growing answer back.
  readonly ended: Readonly<Record<string, Message>>;
}

export const nothingLive: Live = { answers: {}, ended: {} };

const unbased: LiveAnswer = { text: "", seq: 0, stage: null, based: false, held: [], found: null };
const endedKept = 200;

// snapshot takes a message as the server had it at message.seq.
export function snapshot(live: Live, message: Message): Live {
  if (message.role !== "assistant") return live;
  if (message.status !== "writing" || live.ended[message.id]) return without(live, message.id);
  const seq = message.seq ?? 0;
  const old = live.answers[message.id] ?? unbased;
  if (old.based && old.seq >= seq) return live;
  const { sources, grounding } = message;
  const found = grounding ? { sources: sources ?? [], grounding } : old.found;
  const based = { ...old, text: message.text, seq, based: true, held: [], found };
  return withAnswer(live, message.id, old.held.reduce(addPiece, based));
}

// addDeltas appends a batch of deltas, oldest first. One already included is
// skipped, so a replayed stream changes nothing.
export function addDeltas(live: Live, deltas: readonly TurnDelta[]): Live {
  const answers: Record<string, LiveAnswer> = { ...live.answers };
  for (const { message_id: id, first, seq, text } of deltas) {
    if (live.ended[id]) continue;
    answers[id] = addPiece(answers[id] ?? unbased, { first, seq, text });
  }
  return { ...live, answers };
}

function addPiece(answer: LiveAnswer, piece: Piece): LiveAnswer {
  if (!answer.based) {
    if (piece.seq <= (answer.held.at(-1)?.seq ?? 0)) return answer;
    return { ...answer, held: [...answer.held, piece] };
  }
  if (piece.seq <= answer.seq) return answer;
  if (piece.first <= answer.seq) return { ...answer, based: false, held: [] };
  return { ...answer, text: answer.text + piece.text, seq: piece.seq };
}

// torn lists the answers for which a newer snapshot has to be read.
export const torn = (live: Live): string[] =>
  Object.keys(live.answers).filter((id) => live.answers[id]?.based === false && live.answers[id].seq > 0);

export function setStage(live: Live, event: TurnStage): Live {
  if (live.ended[event.message_id]) return live;
  const old = live.answers[event.message_id] ?? unbased;
  const { stage: name, done = 0, total = 0, place = 0, wait_ms: waitMs = 0 } = event;
  const stage = { name, done, total, place, waitMs };
  return withAnswer(live, event.message_id, { ...old, stage });
}

export function setFound(live: Live, event: TurnSources): Live {
  if (live.ended[event.message_id]) return live;
  const old = live.answers[event.message_id] ?? unbased;
  const { sources, grounding } = event;
  return withAnswer(live, event.message_id, { ...old, found: { sources, grounding } });
}

export function end(live: Live, message: Message): Live {
  const ended = { ...live.ended, [message.id]: message };
  const ids = Object.keys(ended);
  if (ids.length > endedKept) delete ended[ids[0] as string];
  return without({ ...live, ended }, message.id);
}

// apply folds one event in; types that do not concern answers change nothing.
export function apply(live: Live, event: ServerEvent): Live {
  switch (event.type) {
    case "reset":
      return nothingLive;
    case "turn.started":
      return snapshot(live, { ...event.answer, seq: event.answer.seq ?? event.seq });
    case "turn.stage":
      return setStage(live, event);
    case "turn.sources":
      return setFound(live, event);
    case "turn.delta":
      return addDeltas(live, [event]);
    case "turn.done":
    case "turn.failed":
      return end(live, event.message);
    default:
      return live;
  }
}

// reconcile corrects what a GET said by what the events have said since: ended
// answers stay ended, and messages that arrived during the GET stay there.
export function reconcile(
  live: Live,
  fetched: ConversationDetail,
  before: ConversationDetail | undefined,
): ConversationDetail {
  const known = new Set(fetched.messages.map((message) => message.id));
  const arrived = before?.messages.filter((message) => !known.has(message.id)) ?? [];
  const messages = [...fetched.messages, ...arrived].map((message) =>
    message.status === "writing" ? (live.ended[message.id] ?? message) : message,
  );
  return { ...fetched, messages };
}

// withMessages puts messages into a conversation: new ones at the end, known
// ones in their place. A growing copy never replaces a finished one.
export function withMessages(detail: ConversationDetail, ...incoming: readonly Message[]): ConversationDetail {
  const messages = [...detail.messages];
  for (const message of incoming) {
    const at = messages.findIndex((old) => old.id === message.id);
    if (at < 0) messages.push(message);
    else if (message.status !== "writing" || messages[at]?.status === "writing") messages[at] = message;
  }
  return { ...detail, messages };
}

function withAnswer(live: Live, id: string, answer: LiveAnswer): Live {
  return { ...live, answers: { ...live.answers, [id]: answer } };
}

function without(live: Live, id: string): Live {
  if (!live.answers[id]) return live;
  const { [id]: _, ...answers } = live.answers;
  return { ...live, answers };
}
