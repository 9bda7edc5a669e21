import type { AlertMetric, AlertRule } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { getLocale } from "@/messages/gen/runtime.js";
import { bytes } from "./numbers";

// Rules as they are edited, and in words. Pure.

export type Unit = AlertMetric["unit"];

// RuleDraft has numbers as they are typed. key tells drafts apart while ids change.
export interface RuleDraft {
  readonly key: number;
  readonly id: string;
  readonly title: string;
  readonly metric: string;
  readonly above: boolean;
  readonly limit: string;
  readonly clear: string;
  readonly forSeconds: string;
  readonly clearSeconds: string;
  readonly severity: AlertRule["severity"];
  readonly enabled: boolean;
}

// Bytes are edited in GB.
const scale = (unit: Unit | undefined) => (unit === "bytes" ? 1e9 : 1);

let lastKey = 0;

export function draftOf(rule: AlertRule, unit: Unit | undefined): RuleDraft {
  const limit = rule.above ?? rule.below ?? 0;
  return {
    key: ++lastKey,
    id: rule.id,
    title: rule.title,
    metric: rule.metric,
    above: rule.above !== undefined,
    limit: String(limit / scale(unit)),
    clear: String((rule.clear ?? limit) / scale(unit)),
    forSeconds: String(rule.for_seconds),
    clearSeconds: String(rule.clear_seconds),
    severity: rule.severity,
    enabled: rule.enabled,
  };
}

// A field that is no number becomes null, which the box refuses by name.
const numeric = (text: string) => (text.trim() === "" ? Number.NaN : Number(text));

export function ruleOf(draft: RuleDraft, unit: Unit | undefined): AlertRule {
  // A flag is 0 or 1: one limit fits all.
  const limit = unit === "flag" ? 0.5 : numeric(draft.limit) * scale(unit);
  const clear = unit === "flag" ? 0.5 : numeric(draft.clear) * scale(unit);
  const above = unit === "flag" || draft.above;
  return {
    id: draft.id,
    title: draft.title.trim(),
    metric: draft.metric,
    ...(above ? { above: limit } : { below: limit }),
    clear,
    for_seconds: Math.round(numeric(draft.forSeconds)),
    clear_seconds: Math.round(numeric(draft.clearSeconds)),
    severity: draft.severity,
    enabled: draft.enabled,
  };
}

// emptyFields are those whose text is no number.
export function emptyFields(draft: RuleDraft, unit: Unit | undefined): readonly string[] {
  const fields = unit === "flag" ? (["forSeconds", "clearSeconds"] as const) : numbers;
  return fields.filter((field) => !Number.isFinite(numeric(draft[field])));
}
const numbers = ["limit", "clear", "forSeconds", "clearSeconds"] as const;

// newRule has a name that no other one has.
export function newRule(drafts: readonly RuleDraft[]): RuleDraft {
  const taken = new Set(drafts.map((draft) => draft.id));
  let n = 1;
  while (taken.has(`own-${n}`)) n++;
  const rule: AlertRule = {
    id: `own-${n}`,
    title: m.rule_new(),
    metric: "cpu_percent",
    above: 95,
    clear: 85,
    for_seconds: 300,
    clear_seconds: 60,
    severity: "warning",
    enabled: true,
  };
  return draftOf(rule, "percent");
}

// quantity is a value with its unit, as a person reads it.
export function quantity(value: number, unit: Unit | undefined): string {
  const n = new Intl.NumberFormat(getLocale(), { maximumSignificantDigits: 3 }).format(value);
  switch (unit) {
    case "seconds":
      return m.quantity_seconds({ n });
    case "percent":
      return m.quantity_percent({ n });
    case "celsius":
      return m.quantity_celsius({ n });
    case "hours":
      return m.quantity_hours({ n });
    case "bytes":
      return bytes(value);
    case "flag":
      return value > 0 ? m.rule_flag_bad() : m.rule_flag_well();
    default:
      return m.quantity_answers({ n });
  }
}

// now says what a rule's figure is.
export function now(metric: AlertMetric | undefined): string {
  if (metric?.value === undefined) return m.rule_unknown();
  const value = quantity(metric.value, metric.unit);
  return metric.unit === "flag" ? value : m.rule_now({ value });
}

// span is a time in its best unit.
export function span(seconds: number): string {
  const write = (n: number) => new Intl.NumberFormat(getLocale(), { maximumFractionDigits: 1 }).format(n);
  if (seconds < 120) return m.time_seconds({ n: write(seconds) });
  if (seconds < 7200) return m.time_minutes({ n: write(seconds / 60) });
  return m.time_hours({ n: write(seconds / 3600) });
}

// words says when a rule fires.
export function words(rule: AlertRule, unit: Unit | undefined): string {
  const parts: string[] = [];
  if (unit !== "flag") {
    const limit = quantity(rule.above ?? rule.below ?? 0, unit);
    parts.push(rule.above === undefined ? m.rule_below({ limit }) : m.rule_above({ limit }));
  }
  parts.push(rule.for_seconds > 0 ? m.rule_for({ time: span(rule.for_seconds) }) : m.rule_at_once());
  return parts.join(" ");
}
