import { Search } from "lucide-react";
import { useDeferredValue, useId, useState } from "react";
import type { Collection, DocumentState } from "@/api/documents";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { useDocuments } from "@/state/documents/collections";
import { versionBefore } from "@/state/documents/versions";
import { stateText } from "@/state/documents/words";
import { sentence } from "@/state/sentences";
import { DocumentRow } from "./DocumentRow";

const states: readonly DocumentState[] = [
  "waiting",
  "reading",
  "indexing",
  "ready",
  "failed",
  "duplicate",
  "cancelled",
];

export function DocumentList({ collection }: { readonly collection: Collection }) {
  const [state, setState] = useState<DocumentState | "">("");
  const [query, setQuery] = useState("");
  const filter = { collection: collection.id, state, q: useDeferredValue(query.trim()) };
  const { documents, isPending, isError, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useDocuments(filter);
  const id = useId();
  const filtered = state !== "" || query !== "";
  if (documents.length === 0 && !filtered && !isPending && !isError) {
    return (
      <p role="status" className="documents-empty">
        {m.documents_none()}
      </p>
    );
  }
  return (
    <section className="flex flex-col gap-3" aria-label={m.documents()}>
      <div className="document-filters">
        <div className="search models-search">
          <Search size={15} aria-hidden="true" className="text-ink-3" />
          <input
            type="search"
            value={query}
            placeholder={m.document_find()}
            aria-label={m.document_find()}
            autoComplete="off"
            onChange={(event) => setQuery(event.target.value)}
          />
        </div>
        <label htmlFor={id} className="sr-only">
          {m.document_state()}
        </label>
        <select
          id={id}
          className="field"
          value={state}
          onChange={(event) => setState(event.target.value as DocumentState | "")}
        >
          <option value="">{m.document_all_states()}</option>
          {states.map((one) => (
            <option key={one} value={one}>
              {stateText({ state: one })}
            </option>
          ))}
        </select>
      </div>
      {isError && (
        <p role="alert" className="trouble">
          {sentence(error)}
        </p>
      )}
      {isPending && (
        <p role="status" aria-busy="true" className="text-ink-3">
          {m.loading()}
        </p>
      )}
      {!isPending && documents.length === 0 && (
        <p role="status" className="text-ink-3">
          {m.document_not_found()}
        </p>
      )}
      {documents.length > 0 && (
        <ul className="document-list" aria-label={m.documents()}>
          {documents.map((one) => (
            <li key={one.id}>
              <DocumentRow document={one} before={versionBefore(one, documents)} />
            </li>
          ))}
        </ul>
      )}
      {hasNextPage && (
        <Button look="quiet" className="self-center" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {m.list_more()}
        </Button>
      )}
    </section>
  );
}
