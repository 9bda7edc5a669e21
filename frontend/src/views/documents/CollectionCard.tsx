import { Lock } from "lucide-react";
import { useId } from "react";
import { Link } from "wouter";
import type { Collection } from "@/api/documents";
import { m } from "@/messages/gen/messages.js";
import { integer } from "@/state/numbers";

export function CollectionCard({ collection }: { readonly collection: Collection }) {
  const title = useId();
  return (
    <article className="model-card collection-card" aria-labelledby={title}>
      <header className="model-card-head">
        <div className="min-w-0 flex-1">
          <h3 id={title}>
            <Link href={`/documents/${collection.id}`} className="collection-link">
              {collection.title || collection.id}
            </Link>
          </h3>
          {collection.description && <p className="text-sm text-ink-2">{collection.description}</p>}
        </div>
        <QueueState collection={collection} />
      </header>
      <CollectionFacts collection={collection} />
    </article>
  );
}

// CollectionFacts says what is in a collection and for whom.
export function CollectionFacts({ collection }: { readonly collection: Collection }) {
  const { documents, pages, readers, languages, failed, flagged } = collection;
  const facts: string[] = [documents === 1 ? m.documents_one() : m.documents_n({ n: integer(documents) })];
  if (pages > 0) facts.push(m.pages_n({ n: integer(pages) }));
  facts.push(readersText(readers));
  if (languages.length > 0) facts.push(languages.map((one) => one.toUpperCase()).join(", "));
  return (
    <ul className="model-facts">
      {facts.map((fact) => (
        <li key={fact}>{fact}</li>
      ))}
      {collection.local_only && (
        <li className="fact-local">
          <Lock size={12} aria-hidden="true" />
          {m.local_only()}
        </li>
      )}
      {failed > 0 && <li className="fact-bad">{m.documents_failed_n({ n: integer(failed) })}</li>}
      {flagged > 0 && <li className="fact-warn">{m.documents_flagged_n({ n: integer(flagged) })}</li>}
    </ul>
  );
}

const everybody = "everybody";

const readersText = (readers: readonly string[]) =>
  readers.includes(everybody)
    ? m.readers_everybody()
    : m.readers_some({ names: readers.join(", ") || m.readers_owner() });

// QueueState says how far the queue is.
export function QueueState({ collection }: { readonly collection: Collection }) {
  const { waiting, documents, paused } = collection;
  if (waiting === 0 && !paused) {
    return documents > 0 ? (
      <span className="model-state">
        <span className="dot" data-state="loaded" aria-hidden="true" />
        {m.queue_done()}
      </span>
    ) : null;
  }
  const text = paused ? m.queue_paused({ n: integer(waiting) }) : m.queue_waiting({ n: integer(waiting) });
  return (
    <span className="model-state">
      <span className="dot" data-state={paused ? "ready" : "loading"} aria-hidden="true" />
      {text}
      <progress className="queue-bar" max={Math.max(1, documents)} value={documents - waiting} aria-label={m.queue()} />
    </span>
  );
}
