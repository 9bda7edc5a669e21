import type { GoldenProgress } from "./desk";
import type { Collection, Document, Grounding, Source } from "./documents";
import type { CapacityProgress } from "./operate";
import type {
  Alert,
  AlertNotice,
  Attention,
  CheckProgress,
  Conversation,
  EngineStatus,
  Message,
  Model,
  Sample,
} from "./types";

export type StageName = "queued" | "loading" | "prefill" | "decode" | "resuming";

interface Base {
  // Sequence number in the person's stream; 0 when the event has none.
  readonly seq: number;
  // First number that the event covers: a slow reader's deltas come joined.
  readonly first: number;
}
interface OfTurn extends Base {
  readonly turn_id: string;
  readonly conversation_id: string;
}

/** First event of each connection; seq is where the stream goes on from. */
export interface Hello extends Base {
  readonly type: "hello";
  readonly instance: string;
}
/** What was asked for is gone from the ring: GET again what is shown. */
export interface Reset extends Base {
  readonly type: "reset";
}
/** Question and answer are saved; the answer begins to grow. */
export interface TurnStarted extends OfTurn {
  readonly type: "turn.started";
  readonly question: Message;
  readonly answer: Message;
}
/**
 * What the answer waits for; done and total are tokens in prefill. Queued, place
 * 1 is the next to begin, and wait_ms an estimate.
 */
export interface TurnStage extends OfTurn {
  readonly type: "turn.stage";
  readonly message_id: string;
  readonly stage: StageName;
  readonly done?: number;
  readonly total?: number;
  readonly place?: number;
  readonly wait_ms?: number;
}
/** What was found in the documents, before the model reads. */
export interface TurnSources extends OfTurn {
  readonly type: "turn.sources";
  readonly message_id: string;
  readonly sources: readonly Source[];
  readonly grounding: Grounding;
}
/** Text appended to the answer. */
export interface TurnDelta extends OfTurn {
  readonly type: "turn.delta";
  readonly message_id: string;
  readonly text: string;
}
/** The answer has ended; message is final. */
export interface TurnEnded extends OfTurn {
  readonly type: "turn.done" | "turn.failed";
  readonly message: Message;
}
/** Created, renamed, restored or touched. */
export interface ConversationChanged extends Base {
  readonly type: "conversation.changed";
  readonly conversation: Conversation;
}
export interface ConversationDeleted extends Base {
  readonly type: "conversation.deleted";
  readonly id: string;
}
export interface EngineChanged extends Base {
  readonly type: "engine.changed";
  readonly status: EngineStatus;
  readonly models: readonly Model[];
}
/** One sample of the machine, once a second. */
export interface MonitorSample extends Base {
  readonly type: "monitor";
  readonly sample: Sample;
}

/** How a measurement of the box goes; without running it has ended. */
export interface CapacityChanged extends Base {
  readonly type: "capacity.changed";
  readonly running?: CapacityProgress;
}
/** How a house check goes; without progress it has ended. */
export interface CheckChanged extends Base {
  readonly type: "check.changed";
  readonly model: string;
  readonly progress?: CheckProgress;
  readonly promoted: boolean;
}

/** What is not well with the box now; all of it. */
export interface AttentionChanged extends Base, Attention {
  readonly type: "attention.changed";
}

/** An alert fired, ended, or was told to somebody. */
export interface AlertChanged extends Base {
  readonly type: "alert.changed";
  readonly alert: Alert;
}
/** Something to show on the desktop; only while that is switched on. */
export interface AlertTold extends Base {
  readonly type: "alert.notice";
  readonly notice: AlertNotice;
}

/** A file of a collection: new, or on its way through the queue. */
export interface DocumentChanged extends Base {
  readonly type: "document.changed";
  readonly document: Document;
}
export interface DocumentDeleted extends Base {
  readonly type: "document.deleted";
  readonly id: string;
  readonly collection: string;
}
export interface CollectionChanged extends Base {
  readonly type: "collection.changed";
  readonly collection: Collection;
}
export interface CollectionDeleted extends Base {
  readonly type: "collection.deleted";
  readonly id: string;
}

/** How golden questions go; without running: GET the runs. */
export interface GoldenChanged extends Base {
  readonly type: "golden.changed";
  readonly collection: string;
  readonly running?: GoldenProgress;
}

/** Something of a collection's inbox is another now: GET it again. */
export interface InboxChanged extends Base {
  readonly type: "inbox.changed";
  readonly collection: string;
}

export type ServerEvent =
  | Hello
  | Reset
  | TurnStarted
  | TurnStage
  | TurnSources
  | DocumentChanged
  | DocumentDeleted
  | CollectionChanged
  | CollectionDeleted
  | GoldenChanged
  | InboxChanged
  | TurnDelta
  | TurnEnded
  | ConversationChanged
  | ConversationDeleted
  | EngineChanged
  | MonitorSample
  | CheckChanged
  | AttentionChanged
  | AlertChanged
  | AlertTold
  | CapacityChanged;

// Frame is one server-sent event as the parser gives it.
export interface Frame {
  readonly id?: string | undefined;
  readonly event?: string | undefined;
  readonly data: string;
}

const required: Readonly<Record<ServerEvent["type"], readonly string[]>> = {
  hello: ["instance"],
  reset: [],
  "turn.started": ["turn_id", "conversation_id", "question", "answer"],
  "turn.stage": ["turn_id", "conversation_id", "message_id", "stage"],
  "turn.sources": ["turn_id", "conversation_id", "message_id", "sources", "grounding"],
  "document.changed": ["document"],
  "document.deleted": ["id", "collection"],
  "collection.changed": ["collection"],
  "collection.deleted": ["id"],
  "golden.changed": ["collection"],
  "inbox.changed": ["collection"],
  "turn.delta": ["turn_id", "conversation_id", "message_id", "text"],
  "turn.done": ["turn_id", "conversation_id", "message"],
  "turn.failed": ["turn_id", "conversation_id", "message"],
  "conversation.changed": ["conversation"],
  "conversation.deleted": ["id"],
  "engine.changed": ["status", "models"],
  monitor: ["at"],
  "check.changed": ["model"],
  "capacity.changed": [],
  "attention.changed": ["items"],
  "alert.changed": ["id", "rule", "fired_at"],
  "alert.notice": ["delivery", "title"],
};

// decode turns a frame into an event. Types that this page does not know, and
// frames that do not hold what their type promises, give null: an older page
// must live with a newer server.
export function decode(frame: Frame): ServerEvent | null {
  const type = frame.event as ServerEvent["type"];
  const fields = Object.hasOwn(required, type ?? "") ? required[type] : undefined;
  if (!fields) return null;
  let data: unknown;
  try {
    data = JSON.parse(frame.data);
  } catch {
    return null;
  }
  if (typeof data !== "object" || data === null) return null;
  const record = data as Record<string, unknown>;
  for (const field of fields) if (record[field] === undefined || record[field] === null) return null;
  const seq = sequence(frame.id) || sequence(record.seq);
  if (type === "monitor") return { type, seq, first: seq, sample: data as Sample };
  if (type === "alert.changed") return { type, seq, first: seq, alert: data as Alert };
  if (type === "alert.notice") return { type, seq, first: seq, notice: data as AlertNotice };
  return { ...record, type, seq, first: seq } as ServerEvent;
}

function sequence(value: unknown): number {
  const n = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof n === "number" && Number.isSafeInteger(n) && n > 0 ? n : 0;
}
