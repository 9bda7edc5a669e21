import { ThumbsDown, ThumbsUp } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { Message } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { Button, IconButton } from "@/parts/Button";
import { type Rating, rate } from "@/state/documents/rating";

// Thumbs say what a reader thinks of an answer.
export function Thumbs({
  message,
  onRated,
}: {
  readonly message: Message;
  readonly onRated: (rating: Rating) => void;
}) {
  const give = async (rating: Rating) => {
    if (rating === message.rating || (await rate(message, rating))) onRated(rating);
  };
  const pressed = (rating: Rating) => ({
    "aria-pressed": message.rating === rating,
    className: message.rating === rating ? "text-accent!" : undefined,
  });
  return (
    <>
      <IconButton size="sm" label={m.rate_up()} {...pressed("up")} onClick={() => void give("up")}>
        <ThumbsUp size={14} fill={message.rating === "up" ? "currentColor" : "none"} />
      </IconButton>
      <IconButton size="sm" label={m.rate_down()} {...pressed("down")} onClick={() => void give("down")}>
        <ThumbsDown size={14} fill={message.rating === "down" ? "currentColor" : "none"} />
      </IconButton>
    </>
  );
}

const longest = 2000;

// NoteForm asks what was wrong with an answer from documents: HR reads it.
export function NoteForm({ message, onClose }: { readonly message: Message; readonly onClose: () => void }) {
  const [note, setNote] = useState("");
  const [sent, setSent] = useState(false);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setSent(await rate(message, "down", note.trim()));
  };
  if (sent) {
    return (
      <p role="status" className="passed-on">
        {m.rate_thanks()}
      </p>
    );
  }
  return (
    <form className="rate-note" onSubmit={(event) => void send(event)}>
      <label>
        <span className="form-label">{m.rate_note()}</span>
        <textarea
          className="field mt-1 w-full resize-y py-2"
          rows={2}
          value={note}
          maxLength={longest}
          onChange={(event) => setNote(event.target.value)}
        />
      </label>
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" disabled={note.trim() === ""}>
          {m.rate_send()}
        </Button>
        <Button look="quiet" onClick={onClose}>
          {m.rate_no_note()}
        </Button>
        <span className="text-xs text-ink-3">{m.rate_nobody()}</span>
      </div>
    </form>
  );
}
