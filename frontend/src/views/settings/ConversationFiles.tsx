import { useRef, useState } from "react";
import { useLocation } from "wouter";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { exportAll, importConversations } from "@/state/exports";

// ConversationFiles takes all conversations out, and files of them in.
export function ConversationFiles({ onClose }: { readonly onClose: () => void }) {
  const chooser = useRef<HTMLInputElement>(null);
  const [, navigate] = useLocation();
  const [busy, setBusy] = useState(false);
  const take = async (file: File | undefined) => {
    if (!file) return;
    setBusy(true);
    const taken = await importConversations(file);
    setBusy(false);
    const only = taken?.length === 1 ? taken[0] : undefined;
    if (only) navigate(`/c/${only.id}`);
    if (taken) onClose();
  };
  return (
    <fieldset>
      <legend className="label">{m.files_title()}</legend>
      <p className="mb-3 text-sm text-ink-3">{m.files_note()}</p>
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => exportAll("markdown")}>{m.files_readable()}</Button>
        <Button onClick={() => exportAll("jsonl")}>{m.files_whole()}</Button>
        <Button disabled={busy} onClick={() => chooser.current?.click()}>
          {m.files_import()}
        </Button>
        <input
          ref={chooser}
          type="file"
          hidden
          accept=".json,.jsonl,application/json"
          aria-label={m.files_import()}
          onChange={(event) => {
            void take(event.target.files?.[0]);
            event.target.value = "";
          }}
        />
      </div>
    </fieldset>
  );
}
