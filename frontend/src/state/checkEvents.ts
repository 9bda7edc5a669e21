import type { CheckChanged } from "@/api/events";
import type { CheckProgress, CheckView } from "@/api/types";
import { keys, queries } from "./client";

// What the events say of checks; apart from the commands, which stand on the
// event stream themselves.

// checkChanged takes an event into every view of a check: one runs at a time,
// and each card shows that.
export function checkChanged(event: CheckChanged): void {
  setRunning(event.progress);
  // A check chooses the model that answers now, where nobody has, and perhaps
  // another one at its end.
  if (!event.progress?.done) void queries.invalidateQueries({ queryKey: keys.settings });
  if (event.progress) return;
  void queries.invalidateQueries({ queryKey: ["check"] });
  if (event.promoted) void queries.invalidateQueries({ queryKey: keys.models });
}

// setRunning notes the check that runs, none without progress.
export function setRunning(progress: CheckProgress | undefined): void {
  queries.setQueriesData<CheckView>({ queryKey: ["check"] }, (view) => {
    if (!view) return view;
    const { running: _, ...rest } = view;
    return progress ? { ...rest, running: progress } : rest;
  });
}
