import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import * as api from "@/api/calls";
import type { ConversationDetail, Model } from "@/api/types";
import { keys, queries } from "./client";
import { flat } from "./lists";
import { reconcile, snapshot } from "./live";
import { getState, setState, useStore } from "./store";
import { pathOf, type Step } from "./tree";

const listPage = 60;

export const useSession = () => useQuery({ queryKey: keys.session, queryFn: api.getSession });

export const useModels = () => useQuery({ queryKey: keys.models, queryFn: api.getModels });

export const useModelFolder = () => useQuery({ queryKey: keys.folder, queryFn: api.getModelFolder });

export const useModelSettings = (id: string) =>
  useQuery({
    queryKey: keys.modelSettings(id),
    queryFn: async () => (await api.getModelSettings(id)).settings,
    // Another browser may have changed them; no event tells.
    staleTime: 0,
  });
// What the machine is, read when it is looked at.
export const useHardware = () => useQuery({ queryKey: keys.hardware, queryFn: api.getHardware, staleTime: 0 });

export const useSettings = () =>
  useQuery({ queryKey: keys.settings, queryFn: async () => (await api.getSettings()).settings });

export function useConversations() {
  const query = useInfiniteQuery({
    queryKey: keys.conversations,
    queryFn: ({ pageParam, signal }) => api.listConversations(pageParam, listPage, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next || undefined,
  });
  const conversations = useMemo(() => flat(query.data), [query.data]);
  return { ...query, conversations };
}

export const useSearch = (q: string) =>
  useQuery({
    queryKey: keys.search(q),
    queryFn: async ({ signal }) => (await api.search(q, signal)).hits,
    enabled: q !== "",
    // Answers change what is found, so a search is never taken from before.
    staleTime: 0,
    gcTime: 0,
  });

// readConversation reads a conversation and joins it with what the events have
// said meanwhile.
export async function readConversation(id: string, signal?: AbortSignal): Promise<ConversationDetail> {
  const fetched = await api.getConversation(id, signal);
  const before = queries.getQueryData<ConversationDetail>(keys.conversation(id));
  setState((state) => ({ live: fetched.messages.reduce(snapshot, state.live) }));
  return reconcile(getState().live, fetched, before);
}

export function useConversation(id: string | null) {
  return useQuery({
    queryKey: keys.conversation(id ?? ""),
    queryFn: ({ signal }) => readConversation(id ?? "", signal),
    // A question that is on its way makes the conversation first.
    enabled: id !== null,
  });
}

const noChoice = {};

// usePath gives what is shown of a conversation, without what is on its way.
export function usePath(id: string | null, detail: ConversationDetail | undefined): Step[] {
  const choice = useStore((state) => state.choices[id ?? ""] ?? noChoice);
  return useMemo(() => pathOf(detail?.messages ?? [], choice), [detail, choice]);
}

export function usePending(id: string | null) {
  const pending = useStore((state) => state.pending);
  return useMemo(() => pending.filter((one) => one.conversation === id), [pending, id]);
}

// writes says that a model answers in words: others find passages, or order them.
export function writes(model: Pick<Model, "embeddings" | "reranker">): boolean {
  return !model.embeddings && !model.reranker;
}

// isUsable says that a model may be asked for.
export function isUsable(state: Model["state"]): boolean {
  return !["new", "copying", "checking", "refused", "adapter"].includes(state);
}

// chosenModel is the model that the next question goes to.
export function chosenModel(
  models: readonly Model[],
  wanted: string | undefined,
  loaded: string | undefined,
): Model | undefined {
  return (
    models.find((model) => model.id === wanted) ??
    models.find((model) => model.id === loaded) ??
    models.find((model) => model.default) ??
    models.find((model) => isUsable(model.state) && writes(model))
  );
}

export function useChosenModel(): Model | undefined {
  const { data } = useModels();
  const { data: settings } = useSettings();
  return data && chosenModel(data.models, settings?.default_model, data.status.model);
}
