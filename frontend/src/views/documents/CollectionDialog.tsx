import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import type { Collection, CollectionForm } from "@/api/documents";
import { m } from "@/messages/gen/messages.js";
import { Dialog } from "@/parts/Dialog";
import { FormEnd, Labelled } from "@/parts/Form";
import { createCollection, saveCollection } from "@/state/documents/collections";
import { idFor } from "@/state/documents/words";
import { integer } from "@/state/numbers";

const names = (text: string) =>
  text
    .split(/[,;\n]/)
    .map((one) => one.trim())
    .filter(Boolean);

type Pinned = Collection["pinned"];

const pinnedNotes: Record<Pinned, () => string> = {
  auto: m.pinned_auto_note,
  always: m.pinned_always_note,
  never: m.pinned_never_note,
};

// CollectionDialog makes a collection, or changes the one that is given.
export function CollectionDialog({
  collection,
  onClose,
}: {
  readonly collection?: Collection;
  readonly onClose: () => void;
}) {
  const [, navigate] = useLocation();
  const [id, setId] = useState<string | null>(null);
  const [title, setTitle] = useState(collection?.title ?? "");
  const [description, setDescription] = useState(collection?.description ?? "");
  const [languages, setLanguages] = useState((collection?.languages ?? []).join(", "));
  const [readers, setReaders] = useState((collection?.readers ?? ["everybody"]).join(", "));
  const [localOnly, setLocalOnly] = useState(collection?.local_only ?? true);
  const [threshold, setThreshold] = useState<number | null>(collection?.threshold ?? null);
  const [pinned, setPinned] = useState(collection?.pinned ?? "auto");
  const [refusal, setRefusal] = useState(collection?.refusal ?? "");
  const [failed, setFailed] = useState<string | null>(null);
  const name = id ?? idFor(title);

  const save = async (event: FormEvent) => {
    event.preventDefault();
    const form: CollectionForm = {
      title: title.trim(),
      description: description.trim(),
      languages: names(languages.toLowerCase()),
      readers: names(readers),
      local_only: localOnly,
      threshold,
      refusal: refusal.trim(),
      pinned,
    };
    const wrong = await (collection ? saveCollection(collection.id, form) : createCollection(name, form));
    setFailed(wrong);
    if (wrong !== null) return;
    onClose();
    if (!collection) navigate(`/documents/${name}`);
  };

  return (
    <Dialog title={collection ? m.collection_edit() : m.collection_new()} onClose={onClose}>
      <form className="flex flex-col gap-4" noValidate onSubmit={(event) => void save(event)}>
        <Labelled label={m.collection_title()}>
          <input
            autoFocus
            className="field"
            value={title}
            maxLength={200}
            onChange={(event) => setTitle(event.target.value)}
          />
        </Labelled>
        {!collection && (
          <Labelled label={m.collection_id()} note={m.collection_id_note()}>
            <input
              className="field font-mono"
              value={name}
              maxLength={64}
              onChange={(event) => setId(event.target.value.toLowerCase().replace(/[^a-z0-9-]/g, "-"))}
            />
          </Labelled>
        )}
        <Labelled label={m.collection_description()}>
          <textarea
            className="field resize-y py-2"
            rows={2}
            value={description}
            onChange={(event) => setDescription(event.target.value)}
          />
        </Labelled>
        <Labelled label={m.collection_readers()} note={m.collection_readers_note()}>
          <input className="field" value={readers} onChange={(event) => setReaders(event.target.value)} />
        </Labelled>
        <Labelled label={m.collection_languages()} note={m.collection_languages_note()}>
          <input className="field" value={languages} onChange={(event) => setLanguages(event.target.value)} />
        </Labelled>
        <label className="flex items-start gap-3 text-sm">
          <input
            type="checkbox"
            className="mt-1"
            checked={localOnly}
            onChange={(event) => setLocalOnly(event.target.checked)}
          />
          <span>
            {m.local_only()}
            <span className="block text-ink-3">{m.local_only_note()}</span>
          </span>
        </label>
        <Threshold value={threshold} onChange={setThreshold} />
        <Labelled label={m.pinned()} note={pinnedNotes[pinned]()}>
          <select className="field" value={pinned} onChange={(event) => setPinned(event.target.value as Pinned)}>
            <option value="auto">{m.pinned_auto()}</option>
            <option value="always">{m.pinned_always()}</option>
            <option value="never">{m.pinned_never()}</option>
          </select>
        </Labelled>
        <Labelled label={m.collection_refusal()} note={m.collection_refusal_note()}>
          <textarea
            className="field resize-y py-2"
            rows={2}
            value={refusal}
            placeholder={m.refused()}
            onChange={(event) => setRefusal(event.target.value)}
          />
        </Labelled>
        <FormEnd
          failed={failed}
          action={collection ? m.save() : m.collection_create()}
          disabled={title.trim() === "" || name === ""}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}

const first = 0.5;

function Threshold({
  value,
  onChange,
}: {
  readonly value: number | null;
  readonly onChange: (value: number | null) => void;
}) {
  return (
    <fieldset className="form-group">
      <legend className="form-label">{m.threshold()}</legend>
      <p className="form-note">{m.threshold_note()}</p>
      <label className="flex items-center gap-3 text-sm">
        <input
          type="checkbox"
          checked={value === null}
          onChange={(event) => onChange(event.target.checked ? null : first)}
        />
        {m.threshold_default()}
      </label>
      {value !== null && (
        <label className="flex items-center gap-3 text-sm">
          <span className="sr-only">{m.threshold()}</span>
          <span className="text-ink-3">{m.threshold_low()}</span>
          <input
            type="range"
            className="flex-1"
            min={0}
            max={1}
            step={0.01}
            value={value}
            onChange={(event) => onChange(Number(event.target.value))}
          />
          <span className="text-ink-3">{m.threshold_high()}</span>
          <output className="w-12 text-right tabular-nums">{m.percent_n({ n: integer(100 * value) })}</output>
        </label>
      )}
    </fieldset>
  );
}
