import { clsx } from "clsx";
import { X } from "lucide-react";
import { useEffect } from "react";
import { m } from "@/messages/gen/messages.js";
import { IconButton } from "./Button";

interface Item {
  readonly id: number;
  readonly text: string;
  readonly tone: "plain" | "bad";
  readonly action?: { readonly label: string; readonly run: () => void };
  readonly ms: number;
}

export function Notices({
  items,
  onDismiss,
}: {
  readonly items: readonly Item[];
  readonly onDismiss: (id: number) => void;
}) {
  return (
    <section aria-label={m.notices()} aria-live="polite" className="notices">
      {items.map((item) => (
        <NoticeLine key={item.id} item={item} onDismiss={onDismiss} />
      ))}
    </section>
  );
}

function NoticeLine({ item, onDismiss }: { readonly item: Item; readonly onDismiss: (id: number) => void }) {
  const { id, ms } = item;
  useEffect(() => {
    const timer = setTimeout(() => onDismiss(id), ms);
    return () => clearTimeout(timer);
  }, [id, ms, onDismiss]);
  return (
    <div className={clsx("notice", item.tone === "bad" && "notice-bad")}>
      <p className="min-w-0 flex-1 text-sm break-words">{item.text}</p>
      {item.action && (
        <button type="button" className="notice-action" onClick={item.action.run}>
          {item.action.label}
        </button>
      )}
      <IconButton size="sm" label={m.close()} onClick={() => onDismiss(id)}>
        <X size={15} />
      </IconButton>
    </div>
  );
}
