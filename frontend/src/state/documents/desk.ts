import { useQuery } from "@tanstack/react-query";
import { create } from "zustand";
import * as api from "@/api/desk";
import { asProblem } from "@/api/problem";
import { keys, queries } from "../client";
import { complain } from "../commands";
import { told } from "./collections";
import { readSoon } from "./events";

// HR's desk of a collection: its inbox, the answers that HR wrote, and what is
// missing. An event tells of the inbox (inboxEvents.ts); the lists are read
// whenever they are shown.

export const useInbox = (collection: string, state: api.InboxState) =>
  useQuery({
    queryKey: keys.inbox(collection, state),
    queryFn: () => api.getInbox(collection, state),
    staleTime: 0,
    refetchOnWindowFocus: true,
  });

export const useApproved = (collection: string) =>
  useQuery({
    queryKey: keys.approved(collection),
    queryFn: async () => (await api.listAnswers(collection)).answers,
    staleTime: 0,
  });

export const useGaps = (collection: string) =>
  useQuery({
    queryKey: keys.gaps(collection),
    queryFn: async () => (await api.getGaps(collection)).gaps,
    staleTime: 0,
  });

// The topic whose questions the inbox shows; none: all of them.
interface Chosen {
  readonly topic: { readonly collection: string; readonly name: string; readonly ids: readonly string[] } | null;
}

export const useTopic = create<Chosen>(() => ({ topic: null }));

export const chooseTopic = (collection: string, { topic, ids }: Pick<api.Gap, "topic" | "ids">) =>
  useTopic.setState({ topic: { collection, name: topic, ids } });

export const forgetTopic = () => useTopic.setState({ topic: null });

// ofTopic: the items that share an answer with the topic.
export function ofTopic(items: readonly api.InboxItem[], ids: readonly string[]): readonly api.InboxItem[] {
  const wanted = new Set(ids);
  return items.filter((item) => item.ids.some((id) => wanted.has(id)));
}

// deskChanged reads again what a command has changed.
function deskChanged(collection: string): Promise<void> {
  void queries.invalidateQueries({ queryKey: keys.gaps(collection) });
  void queries.invalidateQueries({ queryKey: keys.approved(collection) });
  return queries.invalidateQueries({ queryKey: ["inbox", collection] });
}

export async function moveInbox(collection: string, item: api.InboxItem, state: "open" | "dismissed"): Promise<void> {
  try {
    await api.moveInbox(collection, item.ids, state);
  } catch (thrown) {
    complain(asProblem(thrown));
  }
  await deskChanged(collection);
}

// Written is what became of an answer: it is kept, or why not.
export type Written = { readonly kept: api.ApprovedAnswer } | { readonly wrong: string };

// writeAnswer keeps a new answer, or changes the one of that id.
export async function writeAnswer(collection: string, id: string | null, form: api.AnswerForm): Promise<Written> {
  let kept: api.ApprovedAnswer | undefined;
  const wrong = await told(async () => {
    kept = await (id === null ? api.writeAnswer(collection, form) : api.changeAnswer(id, form));
  });
  if (!kept) return { wrong: wrong ?? "" };
  void deskChanged(collection);
  readSoon(collection);
  return { kept };
}

export const removeAnswer = (answer: api.ApprovedAnswer) =>
  told(async () => {
    await api.deleteAnswer(answer.id);
    void deskChanged(answer.collection);
    readSoon(answer.collection);
  });
