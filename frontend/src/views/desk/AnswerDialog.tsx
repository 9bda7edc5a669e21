import { BadgeCheck } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { ApprovedAnswer, InboxItem, Passage } from "@/api/desk";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { FormEnd, Labelled } from "@/parts/Form";
import { useDocument } from "@/state/documents/collections";
import { writeAnswer } from "@/state/documents/desk";
import { inForce } from "@/state/documents/words";
import { AnswerSources } from "./AnswerSources";

const longestQuestion = 500;
const longestAnswer = 20_000;

// AnswerDialog writes an approved answer: for a question of the inbox, anew, or
// once more for one that is there.
export function AnswerDialog({
  collection,
  item,
  approved,
  onClose,
  onList,
}: {
  readonly collection: string;
  readonly item?: InboxItem;
  readonly approved?: ApprovedAnswer;
  readonly onClose: () => void;
  // The way to the list of answers, from elsewhere.
  readonly onList?: () => void;
}) {
  const [question, setQuestion] = useState(approved?.question ?? item?.question ?? "");
  const [answer, setAnswer] = useState(approved?.answer ?? "");
  const [effective, setEffective] = useState(approved?.effective ?? "");
  const [expires, setExpires] = useState(approved?.expires ?? "");
  const [by, setBy] = useState(approved?.by ?? "");
  const [sources, setSources] = useState<readonly Passage[]>(approved?.sources ?? []);
  const [failed, setFailed] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [kept, setKept] = useState<ApprovedAnswer | null>(null);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailed(null);
    const words = { question: question.trim(), answer: answer.trim(), by: by.trim() };
    const form = { ...words, effective, expires, sources, ids: item?.ids ?? [] };
    const written = await writeAnswer(collection, approved?.id ?? null, form);
    setBusy(false);
    if ("kept" in written) setKept(written.kept);
    else setFailed(written.wrong);
  };
  const title = approved ? m.answer_edit() : m.answer_write();
  if (kept) {
    return (
      <Dialog title={title} onClose={onClose}>
        <Kept answer={kept} onClose={onClose} {...(onList && { onList })} />
      </Dialog>
    );
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="flex flex-col gap-4" noValidate onSubmit={(event) => void save(event)}>
        <Labelled label={m.answer_question()} note={m.answer_question_note()}>
          <textarea
            className="field resize-y py-2"
            rows={2}
            value={question}
            maxLength={longestQuestion}
            onChange={(event) => setQuestion(event.target.value)}
          />
        </Labelled>
        <Labelled label={m.answer_text()} note={m.answer_text_note()}>
          <textarea
            autoFocus
            className="field resize-y py-2"
            rows={6}
            value={answer}
            maxLength={longestAnswer}
            onChange={(event) => setAnswer(event.target.value)}
          />
        </Labelled>
        <AnswerSources collection={collection} question={question} chosen={sources} onChange={setSources} />
        <div className="answer-days">
          <Day label={m.answer_effective()} note={m.answer_effective_note()} value={effective} onDay={setEffective} />
          <Day label={m.answer_expires()} note={m.answer_expires_note()} value={expires} onDay={setExpires} />
          <Labelled label={m.answer_by()} note={m.answer_by_note()}>
            <input className="field" value={by} maxLength={100} onChange={(event) => setBy(event.target.value)} />
          </Labelled>
        </div>
        <FormEnd
          failed={failed}
          action={m.answer_approve()}
          disabled={busy || question.trim() === "" || answer.trim() === ""}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}

function Day({
  label,
  note,
  value,
  onDay,
}: {
  readonly label: string;
  readonly note: string;
  readonly value: string;
  readonly onDay: (day: string) => void;
}) {
  return (
    <Labelled label={label} note={note}>
      <input type="date" className="field" value={value} onChange={(event) => onDay(event.target.value)} />
    </Labelled>
  );
}

// Kept says from when on the answer is found, as soon as that is so.
function Kept({
  answer,
  onClose,
  onList,
}: {
  readonly answer: ApprovedAnswer;
  readonly onClose: () => void;
  readonly onList?: () => void;
}) {
  const document = useDocument(answer.document_id);
  const state = document.data?.state;
  const ready = state === "ready";
  return (
    <div className="flex flex-col gap-4">
      <div className="answer-kept" role="status" aria-busy={!ready && state !== "failed"}>
        <BadgeCheck size={20} aria-hidden="true" />
        <div>
          <p className="font-semibold">
            {state === "failed" ? m.answer_not_indexed() : ready ? m.answer_indexed() : m.answer_indexing()}
          </p>
          <p className="text-sm text-ink-2">
            {state === "failed" ? document.data?.reason_text : m.answer_cited()}
            {answer.effective && ` ${m.answer_holds({ when: inForce(answer.effective) })}`}
          </p>
        </div>
      </div>
      <div className="flex flex-wrap gap-2">
        <Button look="solid" autoFocus onClick={onClose}>
          {m.done()}
        </Button>
        {onList && (
          <Button look="quiet" onClick={onList}>
            {m.answers_see()}
          </Button>
        )}
      </div>
    </div>
  );
}
