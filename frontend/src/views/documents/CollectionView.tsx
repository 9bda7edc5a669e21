import { ArrowLeft, MessageCircleQuestion, Pause, Pencil, Play, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import type { Collection } from "@/api/documents";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { useFileDrop } from "@/parts/drop";
import { askCollection } from "@/state/documents/asking";
import { removeCollection, setPaused } from "@/state/documents/collections";
import { useInbox } from "@/state/documents/desk";
import { droppedFiles } from "@/state/documents/dropped";
import { sendDocuments } from "@/state/documents/sending";
import { integer } from "@/state/numbers";
import { Desk, isDeskTab } from "../desk/Desk";
import { CollectionFacts, QueueState } from "./CollectionCard";
import { CollectionDialog } from "./CollectionDialog";
import { DocumentList } from "./DocumentList";
import { Incoming } from "./Incoming";
import { RemoveDialog } from "./RemoveDialog";
import { TestTab } from "./TestTab";
import { Watched } from "./Watched";

export function CollectionView({
  collection,
  tab,
}: {
  readonly collection: Collection;
  readonly tab: string | undefined;
}) {
  const { id, paused } = collection;
  const [, navigate] = useLocation();
  const [dialog, setDialog] = useState<"edit" | "remove" | null>(null);
  const drop = useFileDrop((transfer) => void droppedFiles(transfer).then((files) => sendDocuments(id, files)));
  const title = collection.title || id;
  const shown = tab === "test" || isDeskTab(tab) ? tab : "files";
  const ask = () => {
    void askCollection("", id);
    navigate("/");
  };
  const remove = async () => {
    const wrong = await removeCollection(id);
    // Its own page would say that there is no such collection.
    if (wrong === null) navigate("/documents");
    return wrong;
  };
  return (
    <main className="models documents" aria-labelledby="collection-title" {...drop}>
      <div className="models-column">
        <header className="flex flex-col gap-3">
          <Link href="/documents" className="back-link">
            <ArrowLeft size={15} aria-hidden="true" />
            {m.collections_all()}
          </Link>
          <div className="models-head">
            <div className="min-w-0 grow basis-80">
              <h2 id="collection-title">{title}</h2>
              {collection.description && <p className="text-ink-2">{collection.description}</p>}
            </div>
            <QueueState collection={collection} />
          </div>
          <CollectionFacts collection={collection} />
          <div className="model-actions">
            <Button look="solid" onClick={ask}>
              <MessageCircleQuestion size={16} aria-hidden="true" />
              {m.collection_ask()}
            </Button>
            <Button onClick={() => void setPaused(id, !paused)}>
              {paused ? <Play size={15} aria-hidden="true" /> : <Pause size={15} aria-hidden="true" />}
              {paused ? m.queue_resume() : m.queue_pause()}
            </Button>
            <Button look="quiet" onClick={() => setDialog("edit")}>
              <Pencil size={15} aria-hidden="true" />
              {m.change()}
            </Button>
            <Button look="quiet" onClick={() => setDialog("remove")}>
              <Trash2 size={15} aria-hidden="true" />
              {m.delete_()}
            </Button>
          </div>
          <Tabs id={id} tab={shown} />
        </header>
        {shown === "test" ? (
          <TestTab collection={collection} />
        ) : isDeskTab(shown) ? (
          <Desk tab={shown} collection={id} />
        ) : (
          <>
            <Incoming collection={id} />
            <DocumentList collection={collection} />
            <Watched collection={id} />
          </>
        )}
      </div>
      {dialog === "edit" && <CollectionDialog collection={collection} onClose={() => setDialog(null)} />}
      {dialog === "remove" && (
        <RemoveDialog
          title={m.collection_remove({ title })}
          text={m.collection_remove_text({ n: integer(collection.documents) })}
          word={id}
          onRemove={remove}
          onClose={() => setDialog(null)}
        />
      )}
    </main>
  );
}

const tabs: readonly (readonly [string, () => string])[] = [
  ["files", m.collection_files],
  ["inbox", m.inbox],
  ["answers", m.answers],
  ["gaps", m.gaps],
  ["golden", m.golden_answers],
  ["test", m.collection_test],
];

function Tabs({ id, tab }: { readonly id: string; readonly tab: string }) {
  const open = useInbox(id, "open").data?.counts.open ?? 0;
  const nav = useRef<HTMLElement>(null);
  // On a narrow page the tabs scroll: the one that is shown must be seen.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tab is the reason, and the count that moves it
  useEffect(() => {
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [tab, open]);
  return (
    <nav ref={nav} className="tabs" aria-label={m.collection_tabs()}>
      {tabs.map(([name, label]) => (
        <Link
          key={name}
          href={name === "files" ? `/documents/${id}` : `/documents/${id}/${name}`}
          aria-current={name === tab ? "page" : undefined}
        >
          {label()}
          {name === "inbox" && open > 0 && <span className="chip-count">{integer(open)}</span>}
        </Link>
      ))}
    </nav>
  );
}
