import { X } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import type { InboxItem, InboxState } from "@/api/desk";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { forgetTopic, ofTopic, useInbox, useTopic } from "@/state/documents/desk";
import { integer } from "@/state/numbers";
import { AnswerDialog } from "./AnswerDialog";
import { InboxRow } from "./InboxRow";
import { Reading } from "./Reading";

const states: readonly InboxState[] = ["open", "answered", "dismissed"];
const names: Record<InboxState, () => string> = {
  open: m.inbox_open,
  answered: m.inbox_answered,
  dismissed: m.inbox_dismissed,
};
const nothing: Record<InboxState, () => string> = {
  open: m.inbox_none_open,
  answered: m.inbox_none_answered,
  dismissed: m.inbox_none_dismissed,
};

// InboxTab is what people asked and the documents did not answer well.
export default function InboxTab({ collection }: { readonly collection: string }) {
  const [state, setState] = useState<InboxState>("open");
  const [answering, setAnswering] = useState<InboxItem | null>(null);
  const [, navigate] = useLocation();
  const inbox = useInbox(collection, state);
  const chosen = useTopic(({ topic }) => (topic?.collection === collection && state === "open" ? topic : null));
  const all = inbox.data?.items ?? [];
  const items = chosen ? ofTopic(all, chosen.ids) : all;
  return (
    <section className="desk" aria-label={m.inbox()}>
      <p className="text-sm text-ink-2">{m.inbox_text()}</p>
      <fieldset className="desk-filters">
        <legend className="sr-only">{m.inbox_state()}</legend>
        {states.map((one) => (
          <button key={one} type="button" className="chip" aria-pressed={one === state} onClick={() => setState(one)}>
            {names[one]()}
            {inbox.data && <span className="chip-count">{integer(inbox.data.counts[one] ?? 0)}</span>}
          </button>
        ))}
      </fieldset>
      {chosen && (
        <p className="desk-topic">
          {m.inbox_topic({ topic: chosen.name })}
          <Button look="quiet" className="h-8" onClick={forgetTopic}>
            <X size={14} aria-hidden="true" />
            {m.inbox_all()}
          </Button>
        </p>
      )}
      <Reading query={inbox} />
      {inbox.data && items.length === 0 && (
        <p role="status" className="documents-empty">
          {nothing[state]()}
        </p>
      )}
      {items.length > 0 && (
        <ul className="document-list" aria-label={names[state]()}>
          {items.map((item) => (
            <li key={item.ids[0]}>
              <InboxRow collection={collection} item={item} onAnswer={() => setAnswering(item)} />
            </li>
          ))}
        </ul>
      )}
      {answering && (
        <AnswerDialog
          collection={collection}
          item={answering}
          onClose={() => setAnswering(null)}
          onList={() => navigate(`/documents/${collection}/answers`)}
        />
      )}
    </section>
  );
}
