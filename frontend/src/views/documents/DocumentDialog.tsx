import { type FormEvent, useState } from "react";
import type { Document } from "@/api/documents";
import { m } from "@/messages/gen/messages.js";
import { Dialog } from "@/parts/Dialog";
import { FormEnd, Labelled } from "@/parts/Form";
import { saveDocument } from "@/state/documents/collections";

// DocumentDialog says what a file is: which text, which version, from when on.
export function DocumentDialog({ document, onClose }: { readonly document: Document; readonly onClose: () => void }) {
  const [title, setTitle] = useState(document.title ?? "");
  const [effective, setEffective] = useState(document.effective ?? "");
  const [version, setVersion] = useState(document.version ?? "");
  const [series, setSeries] = useState(document.series ?? "");
  const [failed, setFailed] = useState<string | null>(null);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const wrong = await saveDocument(document, {
      title: title.trim(),
      effective,
      version: version.trim(),
      series: series.trim(),
    });
    setFailed(wrong);
    if (wrong === null) onClose();
  };
  return (
    <Dialog title={document.name} onClose={onClose}>
      <form className="flex flex-col gap-4" noValidate onSubmit={(event) => void save(event)}>
        <Labelled label={m.document_title()}>
          <input autoFocus className="field" value={title} onChange={(event) => setTitle(event.target.value)} />
        </Labelled>
        <div className="form-grid">
          <Labelled label={m.document_effective()} note={m.document_effective_note()}>
            <input
              type="date"
              className="field"
              value={effective}
              onChange={(event) => setEffective(event.target.value)}
            />
          </Labelled>
          <Labelled label={m.document_version()} note={m.document_version_note()}>
            <input className="field" value={version} onChange={(event) => setVersion(event.target.value)} />
          </Labelled>
        </div>
        <Labelled label={m.document_series()} note={m.document_series_note()}>
          <input className="field" value={series} onChange={(event) => setSeries(event.target.value)} />
        </Labelled>
        <FormEnd failed={failed} onClose={onClose} />
      </form>
    </Dialog>
  );
}
