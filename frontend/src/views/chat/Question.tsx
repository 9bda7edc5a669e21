import { Pencil } from "lucide-react";
import { useState } from "react";
import { m } from "@/messages/gen/messages.js";
import { Button, IconButton } from "@/parts/Button";
import { Versions, type VersionsOf } from "./Versions";

// Question is what a person asked, in the niche at the right. Editing asks
// anew beside it; nothing that was answered is lost.
export function Question({
  text,
  versions,
  onEdit,
}: {
  readonly text: string;
  readonly versions?: VersionsOf;
  readonly onEdit?: (text: string) => void;
}) {
  const [editing, setEditing] = useState(false);
  if (editing && onEdit) {
    return (
      <EditBox
        text={text}
        onCancel={() => setEditing(false)}
        onDone={(next) => {
          setEditing(false);
          if (next && next !== text) onEdit(next);
        }}
      />
    );
  }
  return (
    <article className="question" aria-label={m.you()}>
      <h2 className="sr-only">{m.you()}</h2>
      <p className="question-text" dir="auto">
        {text}
      </p>
      <div className="actions">
        {versions && <Versions {...versions} />}
        {onEdit && (
          <IconButton size="sm" label={m.edit()} onClick={() => setEditing(true)}>
            <Pencil size={14} />
          </IconButton>
        )}
      </div>
    </article>
  );
}

function EditBox({
  text,
  onDone,
  onCancel,
}: {
  readonly text: string;
  readonly onDone: (text: string) => void;
  readonly onCancel: () => void;
}) {
  const [value, setValue] = useState(text);
  return (
    <form
      className="edit-box"
      onSubmit={(event) => {
        event.preventDefault();
        onDone(value.trim());
      }}
    >
      <textarea
        // biome-ignore lint/a11y/noAutofocus: the person asked for this field
        autoFocus
        value={value}
        rows={3}
        aria-label={m.edit()}
        className="w-full resize-y bg-transparent outline-none"
        onChange={(event) => setValue(event.target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === "Escape") {
            event.preventDefault();
            onCancel();
          }
          if (event.key === "Enter" && !event.shiftKey) {
            event.preventDefault();
            onDone(value.trim());
          }
        }}
      />
      <div className="flex justify-end gap-2">
        <Button look="quiet" onClick={onCancel}>
          {m.cancel()}
        </Button>
        <Button type="submit" look="solid" disabled={value.trim() === ""}>
          {m.ask_again()}
        </Button>
      </div>
    </form>
  );
}
