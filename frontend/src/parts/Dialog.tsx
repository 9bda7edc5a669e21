import { X } from "lucide-react";
import { type ReactNode, useId, useLayoutEffect, useRef, useState } from "react";
import { m } from "@/messages/gen/messages.js";
import { IconButton } from "./Button";

// opener is what has the focus: it gets it back. An entry of a menu is gone by
// then, so its menu's button stands for it.
function opener(): HTMLElement | null {
  const active = document.activeElement;
  const menu = active?.closest("[role=menu]");
  const found = menu ? document.getElementById(menu.getAttribute("aria-labelledby") ?? "") : active;
  return found instanceof HTMLElement ? found : null;
}

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
  const [back] = useState(opener);
  // What is in it comes when it is open: autoFocus finds nothing in a closed one.
  const [open, setOpen] = useState(false);
  const edited = useRef(false);
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (dialog && !dialog.open) dialog.showModal();
    setOpen(true);
    return () => {
      // Behind an open one nothing takes the focus.
      dialog?.close();
      back?.focus();
    };
  }, [back]);
  return (
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      className="dialog"
      onClose={() => {
        // React runs effects twice where it develops: the first one's end is none.
        if (!ref.current?.open) onClose();
      }}
      onKeyDown={(event) => {
        // Esc closes the dialog only; it must not stop an answer behind it.
        if (event.key === "Escape") event.stopPropagation();
      }}
      onInput={(event) => {
        if ((event.target as Element).closest("form")) edited.current = true;
      }}
      onPointerDown={(event) => {
        // A click beside it must not throw away what somebody wrote.
        if (event.target === ref.current && !edited.current) ref.current?.close();
      }}
    >
      <div className="flex max-h-[85dvh] flex-col">
        <header className="flex items-center justify-between gap-4 border-b border-line py-3 pr-3 pl-5">
          <h2 id={titleId} className="min-w-0 text-base font-semibold wrap-anywhere">
            {title}
          </h2>
          <IconButton label={m.close()} onClick={() => ref.current?.close()}>
            <X size={18} />
          </IconButton>
        </header>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
        <div className="overflow-y-auto p-5 wrap-anywhere" tabIndex={0}>
          {open && children}
        </div>
      </div>
    </dialog>
  );
}
