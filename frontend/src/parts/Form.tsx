import type { ReactNode } from "react";
import { m } from "@/messages/gen/messages.js";
import { Button } from "./Button";

// Labelled is a field of a form with its name above and a note below it.
export function Labelled({
  label,
  note,
  children,
}: {
  readonly label: string;
  readonly note?: string;
  readonly children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is what it is given
    <label className="flex flex-col">
      <span className="form-label">{label}</span>
      {children}
      {note && <span className="form-note mt-1">{note}</span>}
    </label>
  );
}

// Trouble is the sentence of what failed, told as soon as it is there.
export function Trouble({ text }: { readonly text: string | null | undefined }) {
  if (!text) return null;
  return (
    <p role="alert" className="trouble">
      {text}
    </p>
  );
}

// FormEnd ends a form in a dialog: what failed, the button that sends it, and
// the way out. children: other buttons.
export function FormEnd({
  failed,
  action = m.save(),
  disabled = false,
  onClose,
  children,
}: {
  readonly failed: string | null | undefined;
  readonly action?: string;
  readonly disabled?: boolean;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}) {
  return (
    <>
      <Trouble text={failed} />
      <div className="flex flex-wrap gap-2 border-t border-line pt-4">
        <Button type="submit" look="solid" disabled={disabled}>
          {action}
        </Button>
        <Button look="quiet" onClick={onClose}>
          {m.cancel()}
        </Button>
        {children}
      </div>
    </>
  );
}
