import type { ModelSettings } from "@/api/types";

// What stands in the form of a model's own settings; whether it is kept loaded
// is chosen on its card. Numbers are as they were
// typed; "" is the default.
export interface ModelForm {
  readonly context: string;
  readonly kv: string;
  readonly lora: readonly string[];
  readonly system_prompt: string;
  readonly temperature: string;
  readonly top_p: string;
  readonly top_k: string;
  readonly min_p: string;
  readonly max_tokens: string;
}

export const numbers = ["context", "temperature", "top_p", "top_k", "min_p", "max_tokens"] as const;
export type NumberField = (typeof numbers)[number];

export function formOf(settings: ModelSettings): ModelForm {
  const typed = (n: number | null | undefined) => (n === null || n === undefined ? "" : String(n));
  return {
    context: typed(settings.context),
    kv: settings.kv ?? "",
    lora: settings.lora ?? [],
    system_prompt: settings.system_prompt ?? "",
    temperature: typed(settings.temperature),
    top_p: typed(settings.top_p),
    top_k: typed(settings.top_k),
    min_p: typed(settings.min_p),
    max_tokens: typed(settings.max_tokens),
  };
}

// numberOf reads what was typed: null is the default, undefined is no number.
// People write 0,7 as well as 0.7.
export function numberOf(typed: string): number | null | undefined {
  const text = typed.trim().replace(",", ".");
  if (text === "") return null;
  const n = Number(text);
  return Number.isFinite(n) ? n : undefined;
}

// changesOf gives what has to be sent, and the fields that hold no number.
export function changesOf(
  form: ModelForm,
  kept: ModelSettings,
): { readonly changes: ModelSettings; readonly wrong: readonly NumberField[] } {
  const before = formOf(kept);
  const changes: ModelSettings = {};
  const wrong: NumberField[] = [];
  for (const field of numbers) {
    if (form[field].trim() === before[field]) continue;
    const n = numberOf(form[field]);
    if (n === undefined) wrong.push(field);
    else changes[field] = n;
  }
  if (form.kv !== before.kv) changes.kv = form.kv || null;
  if (form.system_prompt !== before.system_prompt) changes.system_prompt = form.system_prompt.trim() || null;
  if (form.lora.join("\n") !== before.lora.join("\n")) changes.lora = form.lora.length > 0 ? [...form.lora] : null;
  return { changes, wrong };
}
