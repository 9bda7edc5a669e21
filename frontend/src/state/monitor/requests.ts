import { type InfiniteData, keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import {
  getRequests,
  getUsage,
  type RequestFilter,
  type RequestPage,
  type RequestRow,
  requestsFile,
} from "@/api/monitor";
import type { Settings } from "@/api/types";
import { queries } from "../client";
import { saveSettings } from "../commands";

// The log of requests: pages from the newest down, and what is new on top.

export type Pages = InfiniteData<RequestPage, unknown>;

const pageSize = 100;
const newestEveryMs = 3000;
// More than so many new rows on top are let go while nobody reads.
const mostOnTop = 1000;

export function useRequests(filter: RequestFilter, reading: boolean) {
  const key = ["requests", filter];
  const pages = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => getRequests(filter, pageParam, pageSize, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next || undefined,
    staleTime: 0,
    gcTime: 0,
  });
  // No event tells of everybody's requests, so the newest are asked for while
  // somebody looks.
  const newest = useQuery({
    queryKey: ["requests-newest", filter],
    queryFn: async ({ signal }) => {
      const page = await getRequests(filter, "", pageSize, signal);
      queries.setQueryData<Pages>(key, (known) => known && withNewest(known, page, reading));
      return page.requests[0]?.id ?? null;
    },
    enabled: pages.isSuccess,
    refetchInterval: newestEveryMs,
    staleTime: newestEveryMs,
    gcTime: 0,
  });
  const rows = useMemo(() => flat(pages.data), [pages.data]);
  return { ...pages, rows, isBehind: newest.isError };
}

export const useUsage = (days: number) =>
  useQuery({
    queryKey: ["usage", days],
    queryFn: ({ signal }) => getUsage(days, signal),
    staleTime: 0,
    placeholderData: keepPreviousData,
  });

// tellPeopleApart changes whether, and from which size of a group on.
export async function tellPeopleApart(part: Pick<Settings, "usage_per_person" | "usage_min_group">): Promise<void> {
  if (await saveSettings(part)) await queries.invalidateQueries({ queryKey: ["usage"] });
}

// withNewest puts rows that are new on top. Where more came than a page holds
// the list begins anew: it must have no hole. It does too where nobody reads it
// and the page stays open for days.
export function withNewest(known: Pages, page: RequestPage, reading: boolean): Pages {
  const [first, ...rest] = known.pages;
  const ids = new Set(known.pages.flatMap(({ requests }) => requests.map((row) => row.id)));
  const fresh = page.requests.filter((row) => !ids.has(row.id));
  if (!first || fresh.length === 0) return known;
  const isHole = fresh.length === page.requests.length && page.next && ids.size > 0;
  if (isHole || (!reading && first.requests.length + fresh.length > mostOnTop)) {
    return { pages: [page], pageParams: [""] };
  }
  return { ...known, pages: [{ ...first, requests: [...fresh, ...first.requests] }, ...rest] };
}

// flat gives each row once.
export function flat(pages: Pages | undefined): RequestRow[] {
  const seen = new Set<string>();
  return (pages?.pages ?? []).flatMap(({ requests }) =>
    requests.filter((row) => {
      const isNew = !seen.has(row.id);
      seen.add(row.id);
      return isNew;
    }),
  );
}

// heldBack counts the rows above the one that was on top when somebody began to
// read; a top that is there no more holds nothing back.
export const heldBack = (rows: readonly RequestRow[], top: string | null): number =>
  top === null
    ? 0
    : Math.max(
        0,
        rows.findIndex((row) => row.id === top),
      );

export { requestsFile };
