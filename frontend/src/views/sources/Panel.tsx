import { ChevronLeft, ChevronRight, Download, TriangleAlert, X } from "lucide-react";
import { useEffect, useId, useLayoutEffect, useRef } from "react";
import type { Source } from "@/api/documents";
import { m } from "@/messages/gen/messages.js";
import { Approved } from "@/parts/Approved";
import { IconButton } from "@/parts/Button";
import { useDocumentText } from "@/state/documents/collections";
import { closePanel, fileOf, giveFocusBack, openPanel, stepPanel, wholeOf } from "@/state/documents/panel";
import { factsOf, nameOf } from "@/state/documents/words";
import { inKiosk } from "@/state/kiosk";
import { sentence } from "@/state/sentences";
import { DocumentBody } from "./DocumentBody";

const roomBeside = "(min-width: 70rem)";

export default function Panel({
  source,
  at,
  hits,
}: {
  readonly source: Source;
  readonly at: number;
  readonly hits: readonly Source[];
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const title = useId();
  useLayoutEffect(() => {
    const dialog = ref.current;
    const room = matchMedia(roomBeside);
    // A window may get narrower, a tablet be turned.
    const place = () => {
      dialog?.close();
      if (room.matches) dialog?.show();
      else dialog?.showModal();
      dialog?.querySelector<HTMLElement>("h2")?.focus();
    };
    place();
    room.addEventListener("change", place);
    return () => {
      room.removeEventListener("change", place);
      dialog?.close();
      giveFocusBack();
    };
  }, []);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
      // What is open in front of the page comes first.
      if (document.querySelector("dialog.dialog[open], [role=menu], [data-radix-popper-content-wrapper]")) return;
      event.preventDefault();
      closePanel();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  // One that was only placed anew is open again by the time that it is told of.
  const onClose = () => {
    if (!ref.current?.open) closePanel();
  };
  return (
    <dialog ref={ref} className="source-panel" aria-labelledby={title} onClose={onClose}>
      <div className="source-head">
        <div className="min-w-0 flex-1">
          <h2 id={title} tabIndex={-1}>
            {nameOf(source)}
          </h2>
          {source.approved && <Approved />}
          <p className="source-facts">
            {[source.title ? source.document : "", factsOf(source)].filter(Boolean).join(" · ")}
          </p>
        </div>
        <div className="source-tools">
          {hits.length > 1 && (
            <>
              <IconButton size="sm" label={m.source_before()} disabled={at === 0} onClick={() => stepPanel(-1)}>
                <ChevronLeft size={16} />
              </IconButton>
              <span className="text-xs text-ink-3 tabular-nums">
                {m.version_of({ n: String(at + 1), count: String(hits.length) })}
              </span>
              <IconButton
                size="sm"
                label={m.source_after()}
                disabled={at === hits.length - 1}
                onClick={() => stepPanel(1)}
              >
                <ChevronRight size={16} />
              </IconButton>
            </>
          )}
          {!inKiosk() && !source.removed && (
            <a
              className="icon-link"
              href={fileOf(source).href}
              download={fileOf(source).name}
              aria-label={m.source_download()}
              title={m.source_download()}
            >
              <Download size={16} aria-hidden="true" />
            </a>
          )}
          <IconButton size="sm" label={m.close()} onClick={closePanel}>
            <X size={17} />
          </IconButton>
        </div>
      </div>
      {source.superseded_by && <Superseded source={source} />}
      {source.removed ? <p className="source-note">{m.source_removed()}</p> : <Text source={source} />}
    </dialog>
  );
}

function Superseded({ source }: { readonly source: Source }) {
  const newer = source.superseded_by ?? "";
  const text = useDocumentText(newer, "");
  const document = text.data?.document;
  const open = () => {
    if (!document) return;
    const hit = wholeOf(document);
    openPanel([hit], hit);
  };
  return (
    <div className="source-past" role="note">
      <TriangleAlert size={16} aria-hidden="true" />
      <p>
        {m.superseded_text()}{" "}
        {document && (
          <button type="button" className="link" onClick={open}>
            {m.superseded_open({ name: document.title || document.name })}
          </button>
        )}
      </p>
    </div>
  );
}

function Text({ source }: { readonly source: Source }) {
  const text = useDocumentText(source.document_id, source.chunk_id);
  if (text.isPending) {
    return (
      <p role="status" aria-busy="true" className="source-note">
        {m.loading()}
      </p>
    );
  }
  if (text.isError) {
    return (
      <p role="alert" className="source-note">
        {sentence(text.error)}
      </p>
    );
  }
  const { blocks, chunk, next } = text.data;
  return (
    <DocumentBody
      key={`${source.document_id} ${source.chunk_id}`}
      document={source.document_id}
      read={blocks}
      whole={!next}
      from={chunk?.from ?? -1}
      to={chunk?.to ?? -1}
      quote={source.quote}
      lost={source.chunk_id !== "" && !chunk}
    />
  );
}
