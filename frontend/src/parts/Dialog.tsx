import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { m } from "@/messages/gen/messages.js";
import { IconButton } from "./Button";

// Dialog is the browser's own modal dialog: focus trap, Esc and the inert page
// behind it come with it, and no style has to be injected.
export function Dialog({
  title,
  onClose,
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (dialog && !dialog.open) dialog.showModal();
  }, []);
  return (
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      className="dialog"
      onClose={onClose}
      onKeyDown={(event) => {
        // Esc closes the dialog only; it must not stop an answer behind it.
        if (event.key === "Escape") event.stopPropagation();
      }}
      onPointerDown={(event) => {
        if (event.target === ref.current) ref.current?.close();
      }}
    >
      <div className="flex max-h-[85dvh] flex-col">
        <header className="flex items-center justify-between gap-4 border-b border-line py-3 pr-3 pl-5">
          <h2 id={titleId} className="text-base font-semibold">
            {title}
          </h2>
          <IconButton label={m.close()} onClick={() => ref.current?.close()}>
            <X size={18} />
          </IconButton>
        </header>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
        <div className="overflow-y-auto p-5" tabIndex={0}>
          {children}
        </div>
      </div>
    </dialog>
  );
}
