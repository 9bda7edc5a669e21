import { ArrowUp, Square } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import { m } from "@/messages/gen/messages.js";
import { setDraft, useDraft } from "@/state/drafts";
import { pauseMs } from "@/state/typing";

// isSend: Enter sends, Shift+Enter makes a new line, and Enter that ends an
// input method's composition does neither (Safari reports it as key 229).
export function isSend(event: KeyboardEvent): boolean {
  const { isComposing, keyCode } = event.nativeEvent;
  return event.key === "Enter" && !event.shiftKey && !isComposing && keyCode !== 229;
}

const beginsWord = ({ value, selectionStart: at }: HTMLTextAreaElement) => at === 0 || value[at - 1] === " ";

export function Composer({
  draftKey,
  busy,
  stopping,
  disabled,
  above,
  onHash,
  onPause,
  onSend,
  onStop,
}: {
  readonly draftKey: string;
  readonly busy: boolean;
  readonly stopping: boolean;
  readonly disabled: boolean;
  // Stands over the text, inside of the frame.
  readonly above?: ReactNode;
  // "#" at the beginning of a word; false: it is a letter like others.
  readonly onHash?: () => boolean;
  readonly onPause: (text: string) => void;
  readonly onSend: (text: string) => void;
  readonly onStop: () => void;
}) {
  const draft = useDraft(draftKey);
  const ref = useRef<HTMLTextAreaElement>(null);
  const ready = draft.trim() !== "" && !busy && !disabled;

  useEffect(() => {
    // On a phone the keyboard would cover half of the page at once.
    if (!matchMedia("(pointer: coarse)").matches) ref.current?.focus();
  }, []);

  const pause = useRef(onPause);
  pause.current = onPause;
  useEffect(() => {
    if (busy || disabled) return;
    const timer = setTimeout(() => pause.current(draft), pauseMs);
    return () => clearTimeout(timer);
  }, [draft, busy, disabled]);

  const send = () => {
    if (ready) onSend(draft.trim());
  };
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {above}
      <textarea
        ref={ref}
        id="question"
        rows={1}
        value={draft}
        disabled={disabled}
        placeholder={m.composer_placeholder()}
        aria-label={m.composer_label()}
        dir="auto"
        onChange={(event) => setDraft(draftKey, event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "#" && beginsWord(event.currentTarget) && onHash?.()) event.preventDefault();
          if (!isSend(event)) return;
          event.preventDefault();
          send();
        }}
      />
      {busy ? (
        <button
          type="button"
          className="send"
          aria-label={m.stop()}
          title={m.stop_title()}
          disabled={stopping}
          onClick={onStop}
        >
          <Square size={14} fill="currentColor" aria-hidden="true" />
        </button>
      ) : (
        <button type="submit" className="send" aria-label={m.send()} title={m.send_title()} disabled={!ready}>
          <ArrowUp size={18} aria-hidden="true" />
        </button>
      )}
    </form>
  );
}
