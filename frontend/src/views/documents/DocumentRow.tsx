import { Ellipsis, Eye, GitCompareArrows, Pencil, RotateCw, Trash2, TriangleAlert, X } from "lucide-react";
import { useId, useState } from "react";
import type { Document } from "@/api/documents";
import { m } from "@/messages/gen/messages.js";
import { Button, IconButton } from "@/parts/Button";
import { Menu, type MenuItem } from "@/parts/Menu";
import { cancelDocument, removeDocument, retryDocument } from "@/state/documents/collections";
import { openPanel, wholeOf } from "@/state/documents/panel";
import { flagText, inForce, stateText } from "@/state/documents/words";
import { bytes, integer } from "@/state/numbers";
import { CompareDialog } from "./CompareDialog";
import { DocumentDialog } from "./DocumentDialog";
import { RemoveDialog } from "./RemoveDialog";

const moving = ["waiting", "reading", "indexing"];

export function DocumentRow({
  document,
  before,
}: {
  readonly document: Document;
  // The version that it took the place of.
  readonly before: Document | undefined;
}) {
  const [dialog, setDialog] = useState<"edit" | "remove" | "before" | "newer" | null>(null);
  const { name, state, flags, superseded_by: newer } = document;
  const title = useId();
  const again = state === "failed" || state === "cancelled";
  const items: MenuItem[] = [
    { label: m.change(), icon: <Pencil size={15} />, takesFocus: true, run: () => setDialog("edit") },
  ];
  const compare = { icon: <GitCompareArrows size={15} />, takesFocus: true };
  if (before) items.push({ label: m.compare_with_before(), ...compare, run: () => setDialog("before") });
  if (newer && state === "ready") {
    items.push({ label: m.compare_with_newer(), ...compare, run: () => setDialog("newer") });
  }
  if (moving.includes(state)) {
    items.push({ label: m.document_cancel(), icon: <X size={15} />, run: () => void cancelDocument(document) });
  }
  items.push({
    label: m.delete_(),
    icon: <Trash2 size={15} />,
    bad: true,
    takesFocus: true,
    run: () => setDialog("remove"),
  });
  return (
    <article className="document" data-state={state} aria-labelledby={title}>
      <div className="min-w-0 grow basis-40">
        <h3 id={title} className="document-name">
          {document.title && document.title !== name ? document.title : name}
        </h3>
        <p className="document-facts">{factsOf(document).join(" · ")}</p>
        {newer && (
          <p className="superseded">
            <TriangleAlert size={13} aria-hidden="true" />
            {m.superseded_row()}
          </p>
        )}
        {flags.length > 0 && (
          <ul className="document-flags">
            {flags.slice(0, 5).map((flag) => (
              <li key={`${flag.kind} ${flag.page ?? 0} ${flag.note ?? ""}`}>{flagText(flag)}</li>
            ))}
            {flags.length > 5 && <li>{m.flags_more({ n: integer(flags.length - 5) })}</li>}
          </ul>
        )}
        {(state === "failed" || state === "duplicate") && (
          <p className={state === "failed" ? "text-sm text-bad" : "text-sm text-ink-2"}>
            {document.reason_text || (state === "failed" ? m.document_failed_text() : m.document_duplicate_text())}
          </p>
        )}
      </div>
      <div className="document-side">
        <StateBadge document={document} />
        {again && (
          <Button aria-describedby={title} onClick={() => void retryDocument(document)}>
            <RotateCw size={14} aria-hidden="true" />
            {m.document_retry()}
          </Button>
        )}
        {(state === "failed" || state === "duplicate") && (
          <Button look="quiet" aria-describedby={title} onClick={() => setDialog("remove")}>
            {m.delete_()}
          </Button>
        )}
        {state === "ready" && (
          <IconButton size="sm" label={m.document_show({ name })} onClick={() => show(document)}>
            <Eye size={16} />
          </IconButton>
        )}
        <Menu
          trigger={
            <IconButton size="sm" label={m.document_actions({ name })}>
              <Ellipsis size={16} />
            </IconButton>
          }
          items={items}
        />
      </div>
      {dialog === "edit" && <DocumentDialog document={document} onClose={() => setDialog(null)} />}
      {dialog === "before" && before && (
        <CompareDialog before={before} after={document.id} onClose={() => setDialog(null)} />
      )}
      {dialog === "newer" && newer && <CompareDialog before={document} after={newer} onClose={() => setDialog(null)} />}
      {dialog === "remove" && (
        <RemoveDialog
          title={m.document_remove({ name })}
          text={document.folder ? m.document_remove_watched() : m.document_remove_text()}
          onRemove={async () => {
            await removeDocument(document);
            return null;
          }}
          onClose={() => setDialog(null)}
        />
      )}
    </article>
  );
}

// show opens the text that was taken out of a file.
function show(document: Document): void {
  const source = wholeOf(document);
  openPanel([source], source);
}

function factsOf(document: Document): string[] {
  const { name, title, path, format, pages, size, version, effective } = document;
  const facts: string[] = [];
  if (title && title !== name) facts.push(name);
  if (path && path !== name) facts.push(path);
  if (format) facts.push(format.toUpperCase());
  if (pages > 0) facts.push(pages === 1 ? m.pages_one() : m.pages_n({ n: integer(pages) }));
  if (size > 0) facts.push(bytes(size));
  if (version) facts.push(m.version_named({ version }));
  if (effective) facts.push(inForce(effective));
  return facts;
}

function StateBadge({ document }: { readonly document: Document }) {
  const { state, progress } = document;
  const going = state === "reading" || state === "indexing";
  return (
    <span className="document-state" data-state={state}>
      <span className="dot" data-state={dots[state]} aria-hidden="true" />
      {stateText(document)}
      {going && (
        <progress
          className="queue-bar"
          max={1}
          value={progress}
          aria-label={m.upload_progress({ name: document.name })}
        />
      )}
    </span>
  );
}

const dots: Record<Document["state"], string> = {
  waiting: "ready",
  reading: "loading",
  indexing: "loading",
  ready: "loaded",
  failed: "refused",
  duplicate: "ready",
  cancelled: "ready",
};
