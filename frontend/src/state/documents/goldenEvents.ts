import type { GoldenRuns } from "@/api/desk";
import type { GoldenChanged } from "@/api/events";
import { keys, queries } from "../client";

// goldenChanged takes how golden questions go into what is shown of them.
export function goldenChanged({ collection, running }: Pick<GoldenChanged, "collection" | "running">): void {
  const key = keys.goldenRuns(collection);
  queries.setQueryData<GoldenRuns>(key, (all) => {
    if (!all) return all;
    const { running: _, ...rest } = all;
    return running ? { ...rest, running } : rest;
  });
  // A reading that began before the end would bring the run back.
  if (!running) void queries.invalidateQueries({ queryKey: key });
}
