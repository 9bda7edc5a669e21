import { Link } from "wouter";
import type { SearchHit } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { Snippet } from "@/parts/Snippet";
import { useSearch } from "@/state/hooks";
import { sentence } from "@/state/sentences";

// SearchResults lists each conversation once, with the first thing found in it.
export function SearchResults({
  q,
  current,
  onPick,
}: {
  readonly q: string;
  readonly current: string | null;
  readonly onPick: () => void;
}) {
  const { data, isPending, isError, error } = useSearch(q);
  if (isPending) {
    return (
      <p role="status" className="p-2 text-sm text-ink-3">
        {m.searching()}
      </p>
    );
  }
  if (isError) {
    return (
      <p role="alert" className="p-2 text-sm text-bad">
        {sentence(error)}
      </p>
    );
  }
  const hits = oncePerConversation(data);
  if (hits.length === 0) return <p className="p-2 text-sm text-ink-3">{m.search_nothing({ q })}</p>;
  return (
    <ul aria-label={m.search_results()}>
      {hits.map((hit) => (
        <li key={hit.conversation.id} className="row" data-current={hit.conversation.id === current}>
          <Link href={`/c/${hit.conversation.id}`} className="row-link" onClick={onPick}>
            <span className="block truncate">{hit.conversation.title || m.untitled()}</span>
            <span className="snippet">
              <Snippet text={hit.snippet} />
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function oncePerConversation(hits: readonly SearchHit[]): SearchHit[] {
  const seen = new Set<string>();
  return hits.filter(({ conversation }) => !seen.has(conversation.id) && seen.add(conversation.id));
}
