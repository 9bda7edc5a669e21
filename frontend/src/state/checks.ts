import { useQuery } from "@tanstack/react-query";
import * as api from "@/api/calls";
import type { CheckChanged } from "@/api/events";
import { asProblem } from "@/api/problem";
import type { CheckProgress, CheckView, GoldenQuestion } from "@/api/types";
import { keys, queries } from "./client";
import { complain } from "./commands";
import { sentence } from "./sentences";

// The house check of models, its questions, and the catalogue.

export const useCheck = (model: string) =>
  useQuery({ queryKey: keys.check(model), queryFn: () => api.getCheck(model) });

export const useGolden = () => useQuery({ queryKey: keys.golden, queryFn: api.getGolden });

// What is in the folder changes, so the catalogue is read again when it is shown.
export const useCatalogue = (enabled = true) =>
  useQuery({ queryKey: keys.catalogue, queryFn: api.getCatalogue, enabled, staleTime: 0 });

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

function setRunning(progress: CheckProgress | undefined): void {
  queries.setQueriesData<CheckView>({ queryKey: ["check"] }, (view) => {
    if (!view) return view;
    const { running: _, ...rest } = view;
    return progress ? { ...rest, running: progress } : rest;
  });
}

export async function startCheck(model: string): Promise<void> {
  try {
    setRunning(await api.startCheck(model));
  } catch (thrown) {
    complain(asProblem(thrown));
    // Somebody else's check may be what runs.
    void queries.invalidateQueries({ queryKey: ["check"] });
  }
}

export async function stopCheck(model: string): Promise<void> {
  try {
    await api.stopCheck(model);
  } catch (thrown) {
    complain(asProblem(thrown));
  }
}

// saveGolden gives the sentence of what is wrong, null when it was kept.
export const saveGolden = (questions: GoldenQuestion[]) => keep(() => api.putGolden(questions));

export const resetGolden = () => keep(api.resetGolden);

async function keep(call: () => ReturnType<typeof api.getGolden>): Promise<string | null> {
  try {
    queries.setQueryData(keys.golden, await call());
    void queries.invalidateQueries({ queryKey: ["check"] });
    return null;
  } catch (thrown) {
    return sentence(thrown);
  }
}
