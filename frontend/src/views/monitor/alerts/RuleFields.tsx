import { Trash2 } from "lucide-react";
import type { AlertMetric } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { IconButton } from "@/parts/Button";
import { emptyFields, type RuleDraft, type Unit } from "@/state/ruleForm";

const units: Record<Unit, () => string> = {
  seconds: m.unit_seconds,
  answers: m.unit_answers,
  percent: m.unit_percent,
  bytes: m.unit_gigabytes,
  celsius: m.unit_celsius,
  hours: m.unit_hours,
  flag: () => "",
};

// The box's names of the fields.
const boxNames = {
  limit: ["above", "below"],
  clear: ["clear"],
  forSeconds: ["for_seconds"],
  clearSeconds: ["clear_seconds"],
} as const;

export function RuleFields({
  draft,
  metrics,
  wrong,
  onChange,
  onRemove,
}: {
  readonly draft: RuleDraft;
  readonly metrics: readonly AlertMetric[];
  readonly wrong: string;
  readonly onChange: (draft: RuleDraft) => void;
  readonly onRemove: () => void;
}) {
  const unit = metrics.find((one) => one.name === draft.metric)?.unit ?? "answers";
  const empty = emptyFields(draft, unit);
  const set = (part: Partial<RuleDraft>) => onChange({ ...draft, ...part });
  const number = (label: string, field: keyof typeof boxNames) => (
    <label className="form-field">
      <span>{label}</span>
      <input
        className="field"
        type="number"
        step="any"
        value={draft[field]}
        aria-invalid={empty.includes(field) || boxNames[field].some((name) => name === wrong)}
        onChange={(event) => set({ [field]: event.target.value })}
      />
    </label>
  );
  return (
    <div className="rule-fields">
      <label className="form-field is-wide">
        <span>{m.rule_name()}</span>
        <input
          className="field"
          value={draft.title}
          maxLength={120}
          aria-invalid={wrong === "title"}
          onChange={(event) => set({ title: event.target.value })}
        />
      </label>
      <label className="form-field is-wide">
        <span>{m.rule_metric()}</span>
        <select className="field" value={draft.metric} onChange={(event) => set({ metric: event.target.value })}>
          {metrics.map((metric) => (
            <option key={metric.name} value={metric.name}>
              {metric.title}
            </option>
          ))}
        </select>
      </label>
      {unit !== "flag" && (
        <>
          <label className="form-field">
            <span>{m.rule_direction()}</span>
            <select
              className="field"
              value={draft.above ? "above" : "below"}
              onChange={(event) => set({ above: event.target.value === "above" })}
            >
              <option value="above">{m.rule_direction_above()}</option>
              <option value="below">{m.rule_direction_below()}</option>
            </select>
          </label>
          {number(m.rule_limit({ unit: units[unit]() }), "limit")}
          {number(m.rule_clear({ unit: units[unit]() }), "clear")}
        </>
      )}
      {number(m.rule_for_seconds(), "forSeconds")}
      {number(m.rule_clear_seconds(), "clearSeconds")}
      <label className="form-field">
        <span>{m.rule_severity()}</span>
        <select
          className="field"
          value={draft.severity}
          onChange={(event) => set({ severity: event.target.value === "critical" ? "critical" : "warning" })}
        >
          <option value="warning">{m.severity_warning()}</option>
          <option value="critical">{m.severity_critical()}</option>
        </select>
      </label>
      <IconButton className="rule-remove" label={m.rule_remove({ title: draft.title })} onClick={onRemove}>
        <Trash2 size={17} />
      </IconButton>
    </div>
  );
}
