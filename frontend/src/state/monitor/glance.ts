import type { LatencyTotal } from "@/api/monitor";
import type { EngineSlot, Sample } from "@/api/types";

// firstToken is how long 95 of 100 people waited for the first word, in
// seconds: of the slowest kind of request, as kinds cannot be joined. Nobody
// waits for the house check and its like.
export function firstToken(totals: readonly LatencyTotal[]): number | null {
  const known = totals.flatMap((total) =>
    total.class === "batch" ? [] : (total.figures.first_token_seconds?.p95 ?? []),
  );
  return known.length === 0 ? null : Math.max(...known);
}

type Gpu = NonNullable<Sample["gpus"]>[number];

// working leaves out the cards that no worker is on, where one is known to be on
// any: a second card that rests is no half of the work.
export function working(gpus: readonly Gpu[]): readonly Gpu[] {
  const ours = gpus.filter((gpu) => gpu.processes?.some((one) => one.worker));
  return ours.length > 0 ? ours : gpus;
}

// share of a slot's prompt that is in the cache, 0 to 1.
export function readShare(slot: EngineSlot): number {
  if (slot.prompt <= 0) return 0;
  return Math.min(1, Math.max(slot.cached, Math.min(slot.have, slot.prompt)) / slot.prompt);
}

// shortUser is enough of a user's hash to tell a few dozen apart.
export const shortUser = (user: string) => user.slice(0, 4);
