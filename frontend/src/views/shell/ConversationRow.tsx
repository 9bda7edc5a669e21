import { Braces, Ellipsis, FileDown, Pencil, Printer, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import type { Conversation } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { IconButton } from "@/parts/Button";
import { Menu } from "@/parts/Menu";
import { exportConversation } from "@/state/exports";

export function ConversationRow({
  conversation,
  current,
  onPick,
  onRename,
  onRemove,
}: {
  readonly conversation: Conversation;
  readonly current: boolean;
  readonly onPick: () => void;
  readonly onRename: (title: string) => void;
  readonly onRemove: () => void;
}) {
  const [editing, setEditing] = useState(false);
  const title = conversation.title || m.untitled();
  if (editing) {
    return (
      <li>
        <TitleInput
          title={conversation.title}
          onDone={(next) => {
            setEditing(false);
            if (next && next !== conversation.title) onRename(next);
          }}
        />
      </li>
    );
  }
  return (
    <li className="row" data-current={current}>
      <Link
        href={`/c/${conversation.id}`}
        aria-current={current ? "page" : undefined}
        className="row-link"
        title={title}
        onClick={onPick}
      >
        {title}
      </Link>
      <Menu
        trigger={
          <IconButton size="sm" label={m.conversation_actions({ title })} className="row-menu">
            <Ellipsis size={16} />
          </IconButton>
        }
        items={[
          {
            label: m.rename(),
            icon: <Pencil size={15} aria-hidden="true" />,
            takesFocus: true,
            run: () => setEditing(true),
          },
          {
            label: m.export_markdown(),
            icon: <FileDown size={15} aria-hidden="true" />,
            run: () => exportConversation(conversation, "markdown"),
          },
          {
            label: m.export_page(),
            icon: <Printer size={15} aria-hidden="true" />,
            run: () => exportConversation(conversation, "html"),
          },
          {
            label: m.export_json(),
            icon: <Braces size={15} aria-hidden="true" />,
            run: () => exportConversation(conversation, "json"),
          },
          { label: m.delete_(), icon: <Trash2 size={15} aria-hidden="true" />, bad: true, run: onRemove },
        ]}
      />
    </li>
  );
}

// TitleInput saves on Enter and when it is left, and gives up on Esc.
function TitleInput({ title, onDone }: { readonly title: string; readonly onDone: (title: string | null) => void }) {
  const ref = useRef<HTMLInputElement>(null);
  const done = useRef(false);
  useEffect(() => {
    ref.current?.select();
  }, []);
  const finish = (value: string | null) => {
    if (done.current) return;
    done.current = true;
    onDone(value?.trim() ?? null);
  };
  return (
    <input
      ref={ref}
      defaultValue={title}
      maxLength={200}
      aria-label={m.rename_label()}
      className="title-input"
      onBlur={(event) => document.hasFocus() && finish(event.target.value)}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === "Enter") finish(event.currentTarget.value);
        if (event.key === "Escape") {
          event.stopPropagation();
          finish(null);
        }
      }}
    />
  );
}
