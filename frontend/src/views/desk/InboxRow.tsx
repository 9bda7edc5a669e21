import { Archive, ChevronRight, PenLine, RotateCcw } from "lucide-react";
import { useId, useState } from "react";
import { Link } from "wouter";
import type { InboxItem } from "@/api/desk";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { usePassages } from "@/state/documents/collections";
import { moveInbox } from "@/state/documents/desk";
import { dateTime, integer } from "@/state/numbers";
import { Decision, PassageList } from "../sources/LookedAt";
import { Reading } from "./Reading";

const kinds: Record<InboxItem["kind"], () => string> = {
  unanswered: m.inbox_unanswered,
  low_score: m.inbox_low_score,
  thumbs_down: m.inbox_thumbs_down,
};

export function InboxRow({
  collection,
  item,
  onAnswer,
}: {
  readonly collection: string;
  readonly item: InboxItem;
  readonly onAnswer: () => void;
}) {
  const { kind, state, question, notes, times, asked_at: askedAt } = item;
  const [busy, setBusy] = useState(false);
  const title = useId();
  const move = async (to: "open" | "dismissed") => {
    setBusy(true);
    await moveInbox(collection, item, to);
    setBusy(false);
  };
  return (
    <article className="document" aria-labelledby={title}>
      <div className="desk-body">
        <p className="inbox-facts">
          <span className="inbox-kind" data-kind={kind}>
            {kinds[kind]()}
          </span>
          <span>{times === 1 ? m.inbox_once() : m.inbox_times({ n: integer(times) })}</span>
          <span>{dateTime(askedAt)}</span>
        </p>
        <h3 id={title} className="inbox-question" dir="auto">
          {question}
        </h3>
        {notes && notes.length > 0 && (
          <ul className="inbox-notes" aria-label={m.inbox_notes()}>
            {notes.map((note, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two readers may write the same
              <li key={i} dir="auto">
                {note}
              </li>
            ))}
          </ul>
        )}
        <Looked collection={collection} item={item} />
      </div>
      <div className="document-side">
        {state === "open" && (
          <>
            <Button aria-describedby={title} onClick={onAnswer}>
              <PenLine size={15} aria-hidden="true" />
              {m.answer_write()}
            </Button>
            <Button look="quiet" aria-describedby={title} disabled={busy} onClick={() => void move("dismissed")}>
              <Archive size={15} aria-hidden="true" />
              {m.inbox_dismiss()}
            </Button>
          </>
        )}
        {state === "dismissed" && (
          <Button aria-describedby={title} disabled={busy} onClick={() => void move("open")}>
            <RotateCcw size={15} aria-hidden="true" />
            {m.inbox_reopen()}
          </Button>
        )}
        {state === "answered" && (
          <Link href={`/documents/${collection}/answers`} className="link text-sm">
            {m.inbox_see_answer()}
          </Link>
        )}
      </div>
    </article>
  );
}

// Looked says how sure the box was then, and what the documents say nearest
// now: a passage that was found then may be gone.
function Looked({ collection, item }: { readonly collection: string; readonly item: InboxItem }) {
  const [open, setOpen] = useState(false);
  return (
    <details className="looked mt-1" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <ChevronRight size={14} aria-hidden="true" />
        {m.inbox_looked()}
      </summary>
      {open && (
        <>
          <Decision grounding={item.grounding} />
          <Nearest collection={collection} item={item} />
        </>
      )}
    </details>
  );
}

function Nearest({ collection, item }: { readonly collection: string; readonly item: InboxItem }) {
  const { query, as_of: asOf } = item.grounding;
  const found = usePassages(collection, query || item.question, asOf ?? "");
  return (
    <>
      <Reading query={found} />
      {found.data && (
        <>
          <p className="mt-3 text-sm font-medium">{m.inbox_nearest()}</p>
          <PassageList sources={found.data.passages ?? []} />
        </>
      )}
    </>
  );
}
