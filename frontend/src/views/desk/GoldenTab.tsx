import { Pencil, Play, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import type { GoldenAnswer } from "@/api/desk";
import { m } from "@/messages/gen/messages.js";
import { Button, IconButton } from "@/parts/Button";
import {
  resetGoldenAnswers,
  runGoldenAnswers,
  saveGoldenAnswers,
  setGoldenWrites,
  useGoldenAnswers,
  useGoldenRuns,
} from "@/state/documents/golden";
import { day } from "@/state/documents/words";
import { integer } from "@/state/numbers";
import { RemoveDialog } from "../documents/RemoveDialog";
import { GoldenDialog } from "./GoldenDialog";
import { GoldenRunsView } from "./GoldenRuns";
import { Reading } from "./Reading";

type Open = { readonly what: "edit" | "remove"; readonly question: GoldenAnswer } | "add" | "reset" | null;

// GoldenTab is the questions whose answers must stay, and how they went.
export default function GoldenTab({ collection }: { readonly collection: string }) {
  const golden = useGoldenAnswers(collection);
  const runs = useGoldenRuns(collection);
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const questions = golden.data?.questions ?? [];
  const running = runs.data?.running;
  return (
    <section className="desk" aria-label={m.golden_answers()}>
      <div className="desk-head">
        <p className="text-sm text-ink-2">{m.golden_answers_text()}</p>
        <Button
          look="solid"
          disabled={questions.length === 0 || running !== undefined}
          onClick={() => void runGoldenAnswers(collection, questions.length)}
        >
          <Play size={15} aria-hidden="true" />
          {m.golden_run()}
        </Button>
      </div>
      {golden.data && (
        <label className="golden-writes">
          <input
            type="checkbox"
            checked={golden.data.writes}
            onChange={(event) => void setGoldenWrites(collection, event.target.checked)}
          />
          <span>
            <b>{m.golden_writes()}</b> {m.golden_writes_note()}
          </span>
        </label>
      )}
      {running && (
        <div>
          <progress
            className="check-progress"
            aria-label={m.golden_progress()}
            value={running.done}
            max={Math.max(1, running.total)}
          />
          <p role="status" className="text-sm text-ink-2">
            {m.golden_running({ done: integer(running.done), total: integer(running.total) })}
          </p>
        </div>
      )}
      <Reading query={runs} />
      {runs.data && runs.data.runs.length > 0 && <GoldenRunsView runs={runs.data.runs} questions={questions} />}
      <div className="desk-head">
        <h3 className="text-base font-semibold">
          {m.golden_list()}{" "}
          {golden.data && questions.length > 0 && (
            <span className="text-sm font-normal text-ink-3">
              {(golden.data.shipped ? m.golden_shipped : m.golden_own)({ n: integer(questions.length) })}
            </span>
          )}
        </h3>
        <div className="flex flex-wrap gap-2">
          {golden.data && !golden.data.shipped && (
            <Button look="quiet" onClick={() => setOpen("reset")}>
              {m.golden_reset()}
            </Button>
          )}
          <Button onClick={() => setOpen("add")}>
            <Plus size={16} aria-hidden="true" />
            {m.golden_add()}
          </Button>
        </div>
      </div>
      <Reading query={golden} />
      {golden.data && questions.length === 0 && (
        <p role="status" className="documents-empty">
          {m.golden_none()}
        </p>
      )}
      {questions.length > 0 && (
        <ul className="document-list" aria-label={m.golden_list()}>
          {questions.map((one) => (
            <li key={one.id} className="golden-row">
              <Question question={one} />
              <div className="document-side">
                <IconButton
                  size="sm"
                  label={m.answer_edit_named({ question: one.question })}
                  onClick={() => setOpen({ what: "edit", question: one })}
                >
                  <Pencil size={15} />
                </IconButton>
                <IconButton
                  size="sm"
                  label={m.golden_remove({ name: one.question })}
                  onClick={() => setOpen({ what: "remove", question: one })}
                >
                  <Trash2 size={15} />
                </IconButton>
              </div>
            </li>
          ))}
        </ul>
      )}
      <Dialogs collection={collection} questions={questions} open={open} onClose={close} />
    </section>
  );
}

function Question({ question: one }: { readonly question: GoldenAnswer }) {
  const where = [one.document, one.as_of && m.as_of_day({ day: day(one.as_of) })].filter(Boolean).join(" · ");
  return (
    <div className="min-w-0 flex-1">
      {one.context && one.context.length > 0 && (
        <p className="text-xs text-ink-3">{m.golden_after({ questions: one.context.join(" / ") })}</p>
      )}
      <p className="golden-question" dir="auto">
        {one.question}
      </p>
      <p className="approved-text" dir="auto">
        {one.expect === "refused" ? m.golden_refused() : m.quoted({ quote: one.sentence ?? "" })}
      </p>
      {where && <p className="text-xs text-ink-3">{where}</p>}
    </div>
  );
}

function Dialogs({
  collection,
  questions,
  open,
  onClose,
}: {
  readonly collection: string;
  readonly questions: readonly GoldenAnswer[];
  readonly open: Open;
  readonly onClose: () => void;
}) {
  if (open === null) return null;
  if (open === "reset") {
    return (
      <RemoveDialog
        title={m.golden_reset()}
        text={m.golden_reset_text()}
        action={m.golden_reset_sure()}
        onRemove={() => resetGoldenAnswers(collection)}
        onClose={onClose}
      />
    );
  }
  if (open !== "add" && open.what === "remove") {
    return (
      <RemoveDialog
        title={m.golden_remove_title()}
        text={open.question.question}
        onRemove={() =>
          saveGoldenAnswers(
            collection,
            questions.filter((one) => one.id !== open.question.id),
          )
        }
        onClose={onClose}
      />
    );
  }
  return (
    <GoldenDialog
      collection={collection}
      questions={questions}
      question={open === "add" ? null : open.question}
      onClose={onClose}
    />
  );
}
