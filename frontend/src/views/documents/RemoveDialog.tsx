import { useState } from "react";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Labelled, Trouble } from "@/parts/Form";

// RemoveDialog asks before something is gone for good. word: what has to be
// typed for it; without one the button is enough.
export function RemoveDialog({
  title,
  text,
  word,
  action = m.delete_(),
  onRemove,
  onClose,
}: {
  readonly title: string;
  readonly text: string;
  readonly word?: string;
  readonly action?: string;
  // Gives the sentence of what failed.
  readonly onRemove: () => Promise<string | null>;
  readonly onClose: () => void;
}) {
  const [typed, setTyped] = useState("");
  const [failed, setFailed] = useState<string | null>(null);
  const sure = word === undefined || typed.trim() === word;
  const remove = async () => {
    const wrong = await onRemove();
    setFailed(wrong);
    if (wrong === null) onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (sure) void remove();
        }}
      >
        <p>{text}</p>
        {word !== undefined && (
          <Labelled label={m.remove_type({ word })}>
            <input
              autoFocus
              className="field"
              value={typed}
              autoComplete="off"
              onChange={(event) => setTyped(event.target.value)}
            />
          </Labelled>
        )}
        <Trouble text={failed} />
        <div className="flex flex-wrap gap-2">
          <Button type="submit" look="bad" disabled={!sure}>
            {action}
          </Button>
          <Button look="quiet" onClick={onClose}>
            {m.cancel()}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
