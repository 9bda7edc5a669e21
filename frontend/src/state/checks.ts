import { keepPreviousData, useQuery } from "@tanstack/react-query";
import * as api from "@/api/calls";
import { asProblem } from "@/api/problem";
import type { GoldenQuestion } from "@/api/types";
import { setRunning } from "./checkEvents";
import { keys, queries } from "./client";
import { complain } from "./commands";
import { useModels, useSettings } from "./hooks";
import { sentence } from "./sentences";

// The house check of models, its questions, and the catalogue.

// A check stands beside the default model's, so it is read again when that is
// another one.
export function useCheck(model: string) {
  const { data: models } = useModels();
  const { data: settings } = useSettings();
  const current = settings?.default_model || models?.models.find((one) => one.default)?.id || "";
  return useQuery({
    queryKey: keys.check(model, current),
    queryFn: () => api.getCheck(model),
    placeholderData: keepPreviousData,
  });
}

export const useGolden = () => useQuery({ queryKey: keys.golden, queryFn: api.getGolden });

// What is in the folder changes, so the catalogue is read again when it is shown.
export const useCatalogue = (enabled = true) =>
  useQuery({ queryKey: keys.catalogue, queryFn: api.getCatalogue, enabled, staleTime: 0 });

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
