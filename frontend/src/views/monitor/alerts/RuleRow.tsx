import { ChevronRight } from "lucide-react";
import { useState } from "react";
import type { AlertMetric } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { now, type RuleDraft, ruleOf, words } from "@/state/ruleForm";
import { RuleFields } from "./RuleFields";

// RuleRow is a rule in words with its switch; opened, its fields.
export function RuleRow({
  draft,
  metrics,
  wrong,
  onChange,
  onRemove,
}: {
  readonly draft: RuleDraft;
  readonly metrics: readonly AlertMetric[];
  // The field that the box refused, "" for none.
  readonly wrong: string;
  readonly onChange: (draft: RuleDraft) => void;
  readonly onRemove: () => void;
}) {
  const metric = metrics.find((one) => one.name === draft.metric);
  const rule = ruleOf(draft, metric?.unit);
  // A new rule begins open.
  const [begun] = useState(draft.title === m.rule_new());
  return (
    <li className="rule" data-enabled={draft.enabled}>
      <input
        type="checkbox"
        aria-label={m.rule_on({ title: draft.title })}
        checked={draft.enabled}
        onChange={(event) => onChange({ ...draft, enabled: event.target.checked })}
      />
      <details open={begun || wrong !== ""}>
        <summary>
          <ChevronRight size={15} aria-hidden="true" />
          <span className="rule-title">{draft.title}</span>
          <span className="rule-words">
            {words(rule, metric?.unit)}
            {!draft.enabled && `, ${m.rule_off()}`}
          </span>
          <span className="rule-now">{now(metric)}</span>
          {draft.severity === "critical" && <span className="rule-critical">{m.severity_critical()}</span>}
        </summary>
        <RuleFields draft={draft} metrics={metrics} wrong={wrong} onChange={onChange} onRemove={onRemove} />
      </details>
    </li>
  );
}
