import { useQuery } from "@tanstack/react-query";
import { getSamples } from "@/api/monitor";
import type { Sample } from "@/api/types";
import { queries } from "../client";

// The last ten minutes of the machine, one sample a second: what the box kept,
// and what comes with each event after it.

const keptSeconds = 600;
const key = ["samples"] as const;

// Samples that came lately, for a history that was asked for before they did.
let recent: readonly Sample[] = [];
const recentKept = 30;

export const useSamples = (wanted: boolean) =>
  useQuery({
    queryKey: key,
    // A day is not drawn anew each second.
    enabled: wanted,
    subscribed: wanted,
    // The list is another one each second; its samples never change. To compare
    // all of them would copy all of them.
    structuralSharing: false,
    queryFn: async ({ signal }) => joined((await getSamples(keptSeconds, signal)).samples, recent),
    // While the page was elsewhere the events were missed.
    staleTime: 0,
  });

// takeSample takes one sample of the event stream.
export function takeSample(sample: Sample): void {
  if (setBack(recent, sample)) {
    recent = [];
    queries.setQueryData<readonly Sample[]>(key, (known) => known && []);
  }
  recent = [...recent.slice(1 - recentKept), sample];
  queries.setQueryData<readonly Sample[]>(key, (known) => known && joined(known, [sample]));
}

const at = (sample: Sample) => Date.parse(sample.at);

// setBack: the box's clock was put back, so what was before it is of no time now.
const setBack = (before: readonly Sample[], sample: Sample) => {
  const last = before.at(-1);
  return last !== undefined && at(last) - at(sample) > 5000;
};

// joined puts newer samples behind older ones: each once, in order, and none
// older than ten minutes before the newest.
export function joined(older: readonly Sample[], newer: readonly Sample[]): readonly Sample[] {
  const last = older.length > 0 ? at(older[older.length - 1] as Sample) : Number.NEGATIVE_INFINITY;
  const added = newer.filter((sample) => at(sample) > last);
  const all = [...older, ...added];
  if (all.length === 0) return all;
  const oldest = at(all[all.length - 1] as Sample) - keptSeconds * 1000;
  const first = all.findIndex((sample) => at(sample) >= oldest);
  return first > 0 ? all.slice(first) : all;
}
