import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import * as api from "@/api/monitor";
import { keys } from "../client";
import { everyMs, isLive, type Range } from "./ranges";
import { useSamples } from "./samples";
import { type Over, ofHistory, ofLatency, ofSamples } from "./series";

// What the charts show. Everything is read again only while somebody looks.

export const useAttention = () => useQuery({ queryKey: keys.attention, queryFn: api.getAttention });

const engineEveryMs = 1000;

// useEngine is who is in the engine, once a second.
export const useEngine = () =>
  useQuery({
    queryKey: ["engine"],
    queryFn: ({ signal }) => api.getEngine(signal),
    refetchInterval: engineEveryMs,
    staleTime: 0,
    gcTime: 0,
  });

export interface Shown {
  readonly over: Over | null;
  readonly isPending: boolean;
  readonly error: unknown;
  readonly retry: () => void;
}

// useMachine gives the machine's figures over a range: from the seconds as they
// come where the range is short, else from what the box kept.
export function useMachine(range: Range): Shown {
  const live = isLive(range);
  const samples = useSamples(live);
  const seconds = live ? samples.data : undefined;
  const kept = useQuery({
    queryKey: ["machine", range],
    queryFn: ({ signal }) => api.getMachine(range, signal),
    enabled: !live,
    staleTime: 0,
    refetchInterval: everyMs(range),
  });
  const over = useMemo(
    () => (live ? ofSamples(seconds ?? [], range) : kept.data ? ofHistory(kept.data) : null),
    [live, seconds, kept.data, range],
  );
  const { isPending, error, refetch } = live ? samples : kept;
  return { over, isPending, error: over ? null : error, retry: () => void refetch() };
}

export function useLatency(range: Range, filter: api.LatencyFilter) {
  const query = useQuery({
    queryKey: ["latency", range, filter],
    queryFn: ({ signal }) => api.getLatency(range, filter, signal),
    staleTime: 0,
    refetchInterval: everyMs(range),
    placeholderData: keepPreviousData,
  });
  const { data } = query;
  const over = useMemo(() => (data ? ofLatency(data) : null), [data]);
  return { ...query, over };
}

const none: readonly api.HistoryMark[] = [];

export function useMarks(range: Range): readonly api.HistoryMark[] {
  const { data } = useQuery({
    queryKey: ["marks", range],
    queryFn: ({ signal }) => api.getMarks(range, signal),
    staleTime: 0,
    refetchInterval: everyMs(range),
  });
  return data?.marks ?? none;
}
