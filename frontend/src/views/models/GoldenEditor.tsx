import { Plus, Trash2 } from "lucide-react";
import { useId, useState } from "react";
import type { Golden, GoldenQuestion } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { Button, IconButton } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { FormEnd } from "@/parts/Form";
import { resetGolden, saveGolden, useGolden } from "@/state/checks";
import { saveSettings } from "@/state/commands";
import { useSettings } from "@/state/hooks";
import { integer } from "@/state/numbers";
import { sentence } from "@/state/sentences";

// CheckSettings stands above the catalogue: which questions a check asks, and
// whether a model that passes becomes the default by itself.
export function CheckSettings() {
  const golden = useGolden();
  const settings = useSettings();
  const [open, setOpen] = useState(false);
  const title = useId();
  return (
    <section className="check-settings" aria-labelledby={title}>
      <h3 id={title} className="text-base font-semibold">
        {m.check()}
      </h3>
      <p className="text-sm text-ink-2">{m.check_text()}</p>
      {golden.isError && <p className="text-sm text-bad">{sentence(golden.error)}</p>}
      {golden.data && (
        <div className="flex flex-wrap items-center gap-3">
          <Button onClick={() => setOpen(true)}>{m.golden_edit()}</Button>
          <span className="text-sm text-ink-3">
            {(golden.data.shipped ? m.golden_shipped : m.golden_own)({ n: integer(golden.data.questions.length) })}
          </span>
        </div>
      )}
      {settings.data && (
        <label className="flex items-start gap-3 text-sm">
          <input
            type="checkbox"
            className="mt-1"
            checked={settings.data.promote_when_passed ?? false}
            onChange={(event) => void saveSettings({ promote_when_passed: event.target.checked })}
          />
          <span>
            {m.promote_when_passed()}
            <span className="block text-ink-3">{m.promote_when_passed_note()}</span>
          </span>
        </label>
      )}
      {open && golden.data && <GoldenEditor golden={golden.data} onClose={() => setOpen(false)} />}
    </section>
  );
}

// Draft is a question as it is edited: lists are texts with a phrase a line.
interface Draft {
  readonly key: number;
  readonly id: string;
  readonly question: string;
  readonly system: string;
  readonly all: string;
  readonly any: string;
  readonly not: string;
  readonly tokens: string;
}

let lastKey = 0;

const draftOf = (q: GoldenQuestion): Draft => ({
  key: ++lastKey,
  id: q.id,
  question: q.question,
  system: q.system ?? "",
  all: (q.expect_all ?? []).join("\n"),
  any: (q.expect_any ?? []).join("\n"),
  not: (q.must_not ?? []).join("\n"),
  tokens: String(q.max_tokens),
});

const phrases = (text: string) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

function questionOf(draft: Draft): GoldenQuestion {
  const all = phrases(draft.all);
  const any = phrases(draft.any);
  const not = phrases(draft.not);
  return {
    id: draft.id.trim(),
    question: draft.question.trim(),
    ...(draft.system.trim() && { system: draft.system.trim() }),
    ...(all.length > 0 && { expect_all: all }),
    ...(any.length > 0 && { expect_any: any }),
    ...(not.length > 0 && { must_not: not }),
    max_tokens: Math.trunc(Number(draft.tokens)) || 0,
  };
}

// newDraft has a name that no other one has.
function newDraft(drafts: readonly Draft[]): Draft {
  const taken = new Set(drafts.map((draft) => draft.id));
  let n = drafts.length + 1;
  while (taken.has(`question-${n}`)) n++;
  return draftOf({ id: `question-${n}`, question: "", max_tokens: 150 });
}

export function GoldenEditor({ golden, onClose }: { readonly golden: Golden; readonly onClose: () => void }) {
  const [drafts, setDrafts] = useState(() => golden.questions.map(draftOf));
  const [fault, setFault] = useState<string | null>(null);
  const [sure, setSure] = useState(false);
  const change = (draft: Draft) => setDrafts((all) => all.map((one) => (one.key === draft.key ? draft : one)));
  const finish = async (kept: Promise<string | null>) => {
    const wrong = await kept;
    setFault(wrong);
    if (wrong === null) onClose();
  };
  return (
    <Dialog title={m.golden_edit()} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void finish(saveGolden(drafts.map(questionOf)));
        }}
      >
        <p className="text-sm text-ink-2">{m.golden_text()}</p>
        <ol className="golden-list">
          {drafts.map((draft) => (
            <li key={draft.key}>
              <QuestionFields
                draft={draft}
                onChange={change}
                onRemove={() => setDrafts((all) => all.filter((one) => one.key !== draft.key))}
              />
            </li>
          ))}
        </ol>
        <Button className="self-start" onClick={() => setDrafts((all) => [...all, newDraft(all)])}>
          <Plus size={16} aria-hidden="true" />
          {m.golden_add()}
        </Button>
        <FormEnd failed={fault} onClose={onClose}>
          {!golden.shipped && (
            <Button
              look={sure ? "bad" : "quiet"}
              className="ml-auto"
              onClick={() => (sure ? void finish(resetGolden()) : setSure(true))}
            >
              {sure ? m.golden_reset_sure() : m.golden_reset()}
            </Button>
          )}
        </FormEnd>
      </form>
    </Dialog>
  );
}

function QuestionFields({
  draft,
  onChange,
  onRemove,
}: {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly onRemove: () => void;
}) {
  // A new question begins open, and stays so while its text is written.
  const [begun] = useState(draft.question === "");
  const text = (label: string, field: "question" | "system" | "all" | "any" | "not", rows: number) => (
    <label className="flex flex-col text-sm">
      <span className="mb-1 font-medium">{label}</span>
      <textarea
        className="field resize-y py-2"
        rows={rows}
        value={draft[field]}
        onChange={(event) => onChange({ ...draft, [field]: event.target.value })}
      />
    </label>
  );
  return (
    <details open={begun}>
      <summary>
        <span className="font-medium">{draft.id || m.golden_unnamed()}</span>
        <span className="golden-begin">{draft.question}</span>
      </summary>
      <div className="golden-fields">
        <label className="flex flex-col text-sm">
          <span className="mb-1 font-medium">{m.golden_id()}</span>
          <input
            className="field"
            value={draft.id}
            onChange={(event) => onChange({ ...draft, id: event.target.value })}
          />
        </label>
        {text(m.golden_question(), "question", 3)}
        {text(m.golden_system(), "system", 1)}
        {text(m.golden_all(), "all", 2)}
        {text(m.golden_any(), "any", 2)}
        {text(m.golden_not(), "not", 1)}
        <div className="flex items-end justify-between gap-3">
          <label className="flex flex-col text-sm">
            <span className="mb-1 font-medium">{m.golden_tokens()}</span>
            <input
              className="field w-28"
              type="number"
              min={1}
              max={2048}
              value={draft.tokens}
              onChange={(event) => onChange({ ...draft, tokens: event.target.value })}
            />
          </label>
          <IconButton label={m.golden_remove({ name: draft.id })} onClick={onRemove}>
            <Trash2 size={17} />
          </IconButton>
        </div>
      </div>
    </details>
  );
}
