import { Plus } from "lucide-react";
import { useState } from "react";
import type { AlertBoard } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { type Failed, resetRules, saveRules } from "@/state/alerts";
import { draftOf, emptyFields, newRule, type RuleDraft, ruleOf } from "@/state/ruleForm";
import { RuleRow } from "./RuleRow";

// Rules are edited as a whole: nothing counts before it is saved.
export function Rules({ board }: { readonly board: AlertBoard }) {
  const unitOf = (metric: string) => board.metrics.find((one) => one.name === metric)?.unit;
  const kept = () => board.rules.map((rule) => draftOf(rule, unitOf(rule.metric)));
  // null: nothing was changed, and what the box has is shown.
  const [edited, setEdited] = useState<readonly RuleDraft[] | null>(null);
  const [shown, setShown] = useState({ rules: board.rules, drafts: kept() });
  if (JSON.stringify(shown.rules) !== JSON.stringify(board.rules)) setShown({ rules: board.rules, drafts: kept() });
  const drafts = edited ?? shown.drafts;
  const [failed, setFailed] = useState<Failed | null>(null);
  const [saved, setSaved] = useState(false);
  const [sure, setSure] = useState(false);

  const edit = (next: readonly RuleDraft[]) => {
    setEdited(next);
    setSaved(false);
    setSure(false);
  };
  const finish = async (call: Promise<Failed | null>) => {
    const wrong = await call;
    setFailed(wrong);
    setSaved(wrong === null);
    setSure(false);
    if (wrong === null) setEdited(null);
  };
  const incomplete = drafts.some((draft) => emptyFields(draft, unitOf(draft.metric)).length > 0);
  return (
    <section className="panel" aria-labelledby="rules-title">
      <h3 id="rules-title">{m.rules_title()}</h3>
      <p className="panel-quiet">{m.rules_text()}</p>
      <form
        noValidate
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          void finish(saveRules(drafts.map((draft) => ruleOf(draft, unitOf(draft.metric)))));
        }}
      >
        <ul className="rules">
          {drafts.map((draft, i) => (
            <RuleRow
              key={draft.key}
              draft={draft}
              metrics={board.metrics}
              wrong={failed?.field.startsWith(`rules[${i}].`) ? failed.field.slice(`rules[${i}].`.length) : ""}
              onChange={(next) => edit(drafts.map((one) => (one.key === next.key ? next : one)))}
              onRemove={() => edit(drafts.filter((one) => one.key !== draft.key))}
            />
          ))}
        </ul>
        <Button className="self-start" onClick={() => edit([...drafts, newRule(drafts)])}>
          <Plus size={16} aria-hidden="true" />
          {m.rule_add()}
        </Button>
        {failed && (
          <p role="alert" className="trouble">
            {failed.text}
          </p>
        )}
        <div className="form-end">
          <Button type="submit" look="solid" disabled={edited === null || incomplete}>
            {m.save()}
          </Button>
          {edited !== null && (
            <Button
              look="quiet"
              onClick={() => {
                setEdited(null);
                setFailed(null);
              }}
            >
              {m.cancel()}
            </Button>
          )}
          <p role="status" className="panel-quiet">
            {edited !== null ? m.rules_unsaved() : saved ? m.rules_saved() : ""}
          </p>
          {!board.shipped && (
            <Button
              look={sure ? "bad" : "quiet"}
              className="ml-auto"
              onClick={() => (sure ? void finish(resetRules()) : setSure(true))}
            >
              {sure ? m.rules_reset_sure() : m.rules_reset()}
            </Button>
          )}
        </div>
      </form>
    </section>
  );
}
