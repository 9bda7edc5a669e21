import "../../documents.css";
import { Plus } from "lucide-react";
import { useState } from "react";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { useCollections } from "@/state/documents/collections";
import { sentence } from "@/state/sentences";
import { CollectionCard } from "./CollectionCard";
import { CollectionDialog } from "./CollectionDialog";
import { CollectionView } from "./CollectionView";

// An address without a collection lists them all.
export default function DocumentsPage({
  id,
  tab,
}: {
  readonly id: string | undefined;
  readonly tab: string | undefined;
}) {
  const collections = useCollections();
  const [making, setMaking] = useState(false);
  const chosen = collections.data?.find((one) => one.id === id);
  if (chosen) return <CollectionView key={chosen.id} collection={chosen} tab={tab} />;
  const all = collections.data ?? [];
  return (
    <main className="models" aria-labelledby="documents-title">
      <div className="models-column">
        <header className="models-head">
          <div className="min-w-0 flex-1">
            <h2 id="documents-title">{m.documents()}</h2>
            <p className="text-ink-2">{m.documents_intro()}</p>
          </div>
          {collections.data && (
            <Button look={all.length === 0 ? "solid" : "plain"} onClick={() => setMaking(true)}>
              <Plus size={16} aria-hidden="true" />
              {m.collection_new()}
            </Button>
          )}
        </header>
        {collections.isPending && (
          <p role="status" aria-busy="true" className="text-ink-3">
            {m.loading()}
          </p>
        )}
        {collections.isError && !collections.data && (
          <p role="alert" className="trouble">
            {sentence(collections.error)}
          </p>
        )}
        {collections.data === null && <p role="status">{m.documents_not_here()}</p>}
        {id !== undefined && collections.data && (
          <p role="status" className="trouble">
            {m.collection_not_found()}
          </p>
        )}
        {collections.data && all.length === 0 && (
          <p role="status" className="documents-empty">
            {m.collections_none()}
          </p>
        )}
        <ul className="model-cards" aria-label={m.collections()}>
          {all.map((one) => (
            <li key={one.id}>
              <CollectionCard collection={one} />
            </li>
          ))}
        </ul>
      </div>
      {making && <CollectionDialog onClose={() => setMaking(false)} />}
    </main>
  );
}
