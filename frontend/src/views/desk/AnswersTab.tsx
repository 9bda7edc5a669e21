import { Pencil, Plus, Trash2, TriangleAlert } from "lucide-react";
import { useId, useState } from "react";
import type { ApprovedAnswer } from "@/api/desk";
import { m } from "@/messages/gen/messages.js";
import { Button, IconButton } from "@/parts/Button";
import { useDocument } from "@/state/documents/collections";
import { removeAnswer, useApproved } from "@/state/documents/desk";
import { day, inForce, pagesOf, stateText } from "@/state/documents/words";
import { dateTime } from "@/state/numbers";
import { RemoveDialog } from "../documents/RemoveDialog";
import { AnswerDialog } from "./AnswerDialog";
import { Reading } from "./Reading";

// How many are drawn at once: each asks for the state of its document.
const pageSize = 40;

// AnswersTab is what HR wrote: each is a document that is found and cited.
export default function AnswersTab({ collection }: { readonly collection: string }) {
  const approved = useApproved(collection);
  const [shown, setShown] = useState(pageSize);
  const [writing, setWriting] = useState(false);
  const all = approved.data ?? [];
  return (
    <section className="desk" aria-label={m.answers()}>
      <div className="desk-head">
        <p className="text-sm text-ink-2">{m.answers_text()}</p>
        <Button onClick={() => setWriting(true)}>
          <Plus size={16} aria-hidden="true" />
          {m.answer_write()}
        </Button>
      </div>
      <Reading query={approved} />
      {approved.data && all.length === 0 && (
        <p role="status" className="documents-empty">
          {m.answers_none()}
        </p>
      )}
      {all.length > 0 && (
        <ul className="document-list" aria-label={m.answers()}>
          {all.slice(0, shown).map((one) => (
            <li key={one.id}>
              <AnswerRow answer={one} />
            </li>
          ))}
        </ul>
      )}
      {all.length > shown && (
        <Button look="quiet" className="self-center" onClick={() => setShown(shown + pageSize)}>
          {m.list_more()}
        </Button>
      )}
      {writing && <AnswerDialog collection={collection} onClose={() => setWriting(false)} />}
    </section>
  );
}

function AnswerRow({ answer }: { readonly answer: ApprovedAnswer }) {
  const [dialog, setDialog] = useState<"edit" | "remove" | null>(null);
  const title = useId();
  const { question, effective, expires, by, sources, updated_at: updatedAt } = answer;
  return (
    <article className="document" aria-labelledby={title}>
      <div className="desk-body">
        <h3 id={title} className="inbox-question" dir="auto">
          {question}
        </h3>
        <p className="approved-text" dir="auto">
          {answer.answer}
        </p>
        <p className="inbox-facts">
          <span>{m.answer_changed({ when: dateTime(updatedAt) })}</span>
          {by && <span>{m.answer_signed({ name: by })}</span>}
          {effective && <span>{inForce(effective)}</span>}
          {expires && <span>{m.answer_until({ day: day(expires) })}</span>}
          {sources?.map((one) => (
            <span key={one.chunk_id}>
              {one.document
                ? m.answer_on({ place: [one.document, pagesOf(one)].filter(Boolean).join(", ") })
                : m.source_removed()}
            </span>
          ))}
        </p>
        {answer.outdated && (
          <p className="answer-outdated">
            <TriangleAlert size={15} aria-hidden="true" />
            <span>
              <b>{m.answer_outdated()}</b> {m.answer_outdated_why()}
            </span>
          </p>
        )}
      </div>
      <div className="document-side">
        {!answer.outdated && <AnswerState document={answer.document_id} />}
        <IconButton size="sm" label={m.answer_edit_named({ question })} onClick={() => setDialog("edit")}>
          <Pencil size={15} />
        </IconButton>
        <IconButton size="sm" label={m.answer_remove_named({ question })} onClick={() => setDialog("remove")}>
          <Trash2 size={15} />
        </IconButton>
      </div>
      {dialog === "edit" && (
        <AnswerDialog collection={answer.collection} approved={answer} onClose={() => setDialog(null)} />
      )}
      {dialog === "remove" && (
        <RemoveDialog
          title={m.answer_remove()}
          text={m.answer_remove_text({ question })}
          onRemove={() => removeAnswer(answer)}
          onClose={() => setDialog(null)}
        />
      )}
    </article>
  );
}

// AnswerState is that of the document which questions find.
function AnswerState({ document }: { readonly document: string }) {
  const { data, isError } = useDocument(document);
  if (isError) {
    return (
      <span className="document-state" data-state="failed">
        {m.answer_lost()}
      </span>
    );
  }
  if (!data) return null;
  const ready = data.state === "ready";
  return (
    <span className="document-state" data-state={data.state}>
      <span
        className="dot"
        data-state={ready ? "loaded" : data.state === "failed" ? "refused" : "loading"}
        aria-hidden="true"
      />
      {ready ? m.answer_found() : stateText(data)}
    </span>
  );
}
