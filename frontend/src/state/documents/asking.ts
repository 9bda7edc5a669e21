import { create } from "zustand";
import type { Collection } from "@/api/documents";
import * as api from "@/api/documents";
import { asProblem } from "@/api/problem";
import type { ConversationDetail } from "@/api/types";
import { keys, queries } from "../client";
import { complain } from "../commands";
import { kioskCollection } from "../kiosk";
import { useCollections } from "./collections";

// Which documents a conversation asks, and as of which day. The box keeps a
// conversation's collection; that of a conversation which has not begun, and
// the day, are kept here.

interface Asking {
  readonly fresh: string;
  readonly day: Readonly<Record<string, string>>;
}

export const useAsking = create<Asking>(() => ({ fresh: "", day: {} }));

export interface Asked {
  // Null: the box has no documents, or none of this name is left.
  readonly collection: Collection | null;
  readonly id: string;
  readonly day: string;
}

// useAsked gives what the next question of a conversation asks; conversation is
// "" for one that has not begun.
export function useAsked(conversation: string, kept: string | undefined): Asked {
  const { data } = useCollections();
  const fresh = useAsking((state) => state.fresh);
  const day = useAsking((state) => state.day[conversation] ?? "");
  const id = kioskCollection() || (conversation === "" ? fresh : (kept ?? ""));
  const collection = data?.find((one) => one.id === id) ?? null;
  return { collection, id: data === null ? "" : id, day: id === "" ? "" : day };
}

export async function askCollection(conversation: string, collection: string): Promise<void> {
  if (conversation === "") {
    useAsking.setState({ fresh: collection });
    return;
  }
  const set = (to: string | undefined) =>
    queries.setQueryData<ConversationDetail>(keys.conversation(conversation), (detail) => {
      if (!detail) return detail;
      const { collection: _, ...rest } = detail.conversation;
      return { ...detail, conversation: to ? { ...rest, collection: to } : rest };
    });
  const before = queries.getQueryData<ConversationDetail>(keys.conversation(conversation))?.conversation.collection;
  set(collection);
  try {
    await api.setConversationCollection(conversation, collection);
  } catch (thrown) {
    set(before);
    complain(asProblem(thrown));
  }
}

export const askAsOf = (conversation: string, day: string) =>
  useAsking.setState(({ day: days }) => ({ day: { ...days, [conversation]: day } }));

// begun: the conversation that had not begun has its id now, and keeps the day.
export function begun(conversation: string): void {
  useAsking.setState(({ day }) => {
    const { "": fresh, ...rest } = day;
    return { fresh: "", day: fresh ? { ...rest, [conversation]: fresh } : rest };
  });
}
