import { type FormEvent, useState } from "react";
import type { GoldenAnswer } from "@/api/desk";
import { m } from "@/messages/gen/messages.js";
import { Dialog } from "@/parts/Dialog";
import { FormEnd, Labelled } from "@/parts/Form";
import { freshId, saveGoldenAnswers, withQuestion } from "@/state/documents/golden";

const linesOf = (text: string) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

// GoldenDialog writes one golden question, or changes the one that is given.
export function GoldenDialog({
  collection,
  questions,
  question,
  onClose,
}: {
  readonly collection: string;
  readonly questions: readonly GoldenAnswer[];
  readonly question: GoldenAnswer | null;
  readonly onClose: () => void;
}) {
  const [text, setText] = useState(question?.question ?? "");
  const [context, setContext] = useState((question?.context ?? []).join("\n"));
  const [expect, setExpect] = useState<GoldenAnswer["expect"]>(question?.expect ?? "answered");
  const [found, setFound] = useState(question?.sentence ?? "");
  const [document, setDocument] = useState(question?.document ?? "");
  const [page, setPage] = useState(question?.page ? String(question.page) : "");
  const [figures, setFigures] = useState((question?.figures ?? []).join("\n"));
  const [asOf, setAsOf] = useState(question?.as_of ?? "");
  const [failed, setFailed] = useState<string | null>(null);
  const answered = expect === "answered";
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const before = linesOf(context);
    const stated = linesOf(figures);
    const number = Math.trunc(Number(page));
    const where = { ...(document.trim() && { document: document.trim() }), ...(number > 0 && { page: number }) };
    const one: GoldenAnswer = {
      id: question?.id ?? freshId(questions),
      question: text.trim(),
      expect,
      ...(before.length > 0 && { context: before }),
      ...(asOf && { as_of: asOf }),
      ...(answered && { sentence: found.trim(), ...where, ...(stated.length > 0 && { figures: stated }) }),
    };
    const wrong = await saveGoldenAnswers(collection, withQuestion(questions, one));
    setFailed(wrong);
    if (wrong === null) onClose();
  };
  return (
    <Dialog title={question ? m.golden_change() : m.golden_add()} onClose={onClose}>
      <form className="flex flex-col gap-4" noValidate onSubmit={(event) => void save(event)}>
        <Labelled label={m.answer_question()}>
          <textarea
            autoFocus
            className="field resize-y py-2"
            rows={2}
            value={text}
            maxLength={500}
            onChange={(event) => setText(event.target.value)}
          />
        </Labelled>
        <fieldset className="form-group">
          <legend className="form-label">{m.golden_expect()}</legend>
          {(["answered", "refused"] as const).map((one) => (
            <label key={one} className="flex items-center gap-3 text-sm">
              <input type="radio" name="expect" checked={expect === one} onChange={() => setExpect(one)} />
              {one === "answered" ? m.golden_answered() : m.golden_refused()}
            </label>
          ))}
        </fieldset>
        {answered && (
          <>
            <Labelled label={m.golden_sentence()} note={m.golden_sentence_note()}>
              <textarea
                className="field resize-y py-2"
                rows={3}
                value={found}
                maxLength={2000}
                onChange={(event) => setFound(event.target.value)}
              />
            </Labelled>
            <div className="golden-where">
              <Labelled label={m.golden_document()} note={m.golden_document_note()}>
                <input
                  className="field"
                  value={document}
                  maxLength={255}
                  onChange={(event) => setDocument(event.target.value)}
                />
              </Labelled>
              <Labelled label={m.golden_page()} note={m.golden_page_note()}>
                <input
                  className="field"
                  inputMode="numeric"
                  value={page}
                  maxLength={5}
                  onChange={(event) => setPage(event.target.value.replace(/\D/g, ""))}
                />
              </Labelled>
            </div>
            <Labelled label={m.golden_figures()} note={m.golden_figures_note()}>
              <textarea
                className="field resize-y py-2"
                rows={1}
                value={figures}
                onChange={(event) => setFigures(event.target.value)}
              />
            </Labelled>
          </>
        )}
        <Labelled label={m.golden_context()} note={m.golden_context_note()}>
          <textarea
            className="field resize-y py-2"
            rows={1}
            value={context}
            onChange={(event) => setContext(event.target.value)}
          />
        </Labelled>
        <Labelled label={m.as_of_label()} note={m.golden_as_of_note()}>
          <input
            type="date"
            className="field self-start"
            value={asOf}
            onChange={(event) => setAsOf(event.target.value)}
          />
        </Labelled>
        <FormEnd failed={failed} disabled={text.trim() === "" || (answered && found.trim() === "")} onClose={onClose} />
      </form>
    </Dialog>
  );
}
