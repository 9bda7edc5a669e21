import type { TurnDelta } from "@/api/events";
import type { Message } from "@/api/types";

// Messages and events as tests need them.

export const conversation = "11111111-1111-4111-8111-111111111111";

export const message = (part: Partial<Message> & { id: string }): Message => ({
  conversation_id: conversation,
  parent_id: null,
  role: "user",
  status: "done",
  text: "",
  created_at: "2026-11-25T10:00:00.000Z",
  ...part,
});

export const answer = (part: Partial<Message> & { id: string }): Message =>
  message({ role: "assistant", status: "writing", turn_id: "turn", parent_id: "q", ...part });

export const delta = (id: string, seq: number, text: string, first = seq): TurnDelta => ({
  type: "turn.delta",
  turn_id: "turn",
  conversation_id: conversation,
  message_id: id,
  seq,
  first,
  text,
});
