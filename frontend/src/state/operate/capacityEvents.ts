import type { CapacityChanged } from "@/api/events";
import type { CapacityView } from "@/api/operate";
import { queries } from "../client";

// capacityChanged takes an event into the view; at the end of a measurement all
// is read again, as what it found is in no event.
export function capacityChanged(event: CapacityChanged): void {
  queries.setQueriesData<CapacityView>({ queryKey: ["capacity"] }, (view) => {
    if (!view) return view;
    const { running: _, ...rest } = view;
    return event.running ? { ...rest, running: event.running } : rest;
  });
  if (event.running) return;
  void queries.invalidateQueries({ queryKey: ["capacity"] });
  void queries.invalidateQueries({ queryKey: ["cost"] });
}
