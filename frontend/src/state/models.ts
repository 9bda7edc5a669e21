import * as api from "@/api/calls";
import { asProblem } from "@/api/problem";
import type { Model, ModelSettings, Models } from "@/api/types";
import { keys, queries } from "./client";
import { complain, saveSettings } from "./commands";

// What a person can do with models. How it goes is told by engine.changed.

// chooseModel: it becomes the default and is made ready before it is asked.
export async function chooseModel(id: string): Promise<void> {
  if (!(await saveSettings({ default_model: id }))) return;
  const state = queries.getQueryData<Models>(keys.models)?.models.find((model) => model.id === id)?.state;
  if (state === "loaded" || state === "loading") return;
  await loadModel(id);
}

export const loadModel = (id: string) => tried(() => api.loadModel(id));
export const unloadModel = (id: string) => tried(() => api.unloadModel(id));

async function tried(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (thrown) {
    complain(asProblem(thrown));
  }
}

// saveModelSettings changes some of a model's own settings; null gives a field
// its default back. It throws: the form shows what was wrong.
export async function saveModelSettings(id: string, part: ModelSettings): Promise<void> {
  const { settings } = await api.patchModelSettings(id, part);
  queries.setQueryData<ModelSettings>(keys.modelSettings(id), settings);
  await queries.invalidateQueries({ queryKey: keys.models });
}

// keepLoaded shows the wish at once.
export async function keepLoaded(id: string, keep: boolean): Promise<void> {
  queries.setQueryData<Models>(
    keys.models,
    (all) => all && { ...all, models: all.models.map((one) => (one.id === id ? { ...one, keep } : one)) },
  );
  await tried(() => saveModelSettings(id, { keep: keep || null }));
  await queries.invalidateQueries({ queryKey: keys.models });
}

// Groups of the page, in the order in which they are shown.
const groups: readonly Model["state"][][] = [
  ["loaded", "loading", "draining"],
  ["copying", "new", "checking"],
  ["ready"],
  ["set_aside", "refused"],
  ["adapter"],
];

const place = (model: Model) => groups.findIndex((states) => states.includes(model.state));

// arranged puts what answers first and what cannot be used last, and keeps
// those of which all words of the query are known.
export function arranged(models: readonly Model[], query: string): Model[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const told = (model: Model) =>
    [model.id, model.name, model.architecture, model.quant, model.parameters, ...(model.languages ?? [])]
      .join(" ")
      .toLowerCase();
  return models
    .filter((model) => words.every((word) => told(model).includes(word)))
    .sort((a, b) => place(a) - place(b) || a.id.localeCompare(b.id));
}
