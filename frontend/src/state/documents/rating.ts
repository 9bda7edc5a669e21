import * as api from "@/api/desk";
import { asProblem } from "@/api/problem";
import type { ConversationDetail, Message } from "@/api/types";
import { keys, queries } from "../client";
import { complain } from "../commands";

export type Rating = "up" | "down";

// rate keeps what a person thinks of an answer; it is shown at once, and taken
// back where the box did not keep it. It gives whether it was kept.
export async function rate(message: Message, rating: Rating, note = ""): Promise<boolean> {
  setRating(message, rating);
  try {
    await api.rateMessage(message.id, rating, note);
    if (message.grounding) void queries.invalidateQueries({ queryKey: ["inbox", message.grounding.collection] });
    return true;
  } catch (thrown) {
    setRating(message, message.rating);
    complain(asProblem(thrown));
    return false;
  }
}

function setRating({ id, conversation_id }: Message, rating: Rating | undefined): void {
  queries.setQueryData<ConversationDetail>(keys.conversation(conversation_id), (detail) => {
    if (!detail) return detail;
    const messages = detail.messages.map((one) => {
      if (one.id !== id) return one;
      const { rating: _, ...rest } = one;
      return rating ? { ...rest, rating } : rest;
    });
    return { ...detail, messages };
  });
}
