import { Command } from "cmdk";
import { CalendarDays, Check, FileText, Lock, X } from "lucide-react";
import { Popover } from "radix-ui";
import { useRef, useState } from "react";
import { Link } from "wouter";
import type { Collection } from "@/api/documents";
import { m } from "@/messages/gen/messages.js";
import { IconButton } from "@/parts/Button";
import { type Asked, askAsOf, askCollection } from "@/state/documents/asking";
import { useCollections } from "@/state/documents/collections";
import { day, today } from "@/state/documents/words";
import { inKiosk, kioskCollection } from "@/state/kiosk";
import { integer } from "@/state/numbers";

// AskDocuments says which documents the next question asks: a button at the
// composer, and a chip when there are some. "#" opens it too.
export function AskDocuments({
  conversation,
  asked,
  open,
  onOpen,
}: {
  readonly conversation: string;
  readonly asked: Asked;
  readonly open: boolean;
  readonly onOpen: (open: boolean) => void;
}) {
  const { data } = useCollections();
  const picked = useRef(false);
  // A conversation may be about documents that are gone: whoever asks chooses what then.
  if (!data || (data.length === 0 && asked.id === "") || kioskCollection() !== "") return null;
  const pick = (id: string) => {
    picked.current = true;
    onOpen(false);
    void askCollection(conversation, id);
  };
  return (
    <div className="ask-documents">
      <Popover.Root open={open} onOpenChange={onOpen}>
        <Popover.Trigger
          className="ask-button"
          data-chosen={asked.collection !== null || undefined}
          aria-label={asked.collection ? m.ask_only({ title: asked.collection.title }) : m.ask_choose()}
          title={asked.collection ? m.ask_only_why() : m.ask_choose()}
        >
          <FileText size={15} aria-hidden="true" />
          <span className="truncate">{nameOf(asked)}</span>
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            aria-label={m.ask_choose()}
            side="top"
            align="start"
            sideOffset={8}
            collisionPadding={8}
            className="menu picker-list"
            onCloseAutoFocus={(event) => {
              if (!picked.current) return;
              picked.current = false;
              event.preventDefault();
              document.getElementById("question")?.focus();
            }}
          >
            <List all={data} asked={asked} pick={pick} />
            {!inKiosk() && (
              <Link href="/documents" className="picker-foot" onClick={() => onOpen(false)}>
                {m.ask_manage()}
              </Link>
            )}
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      {asked.id !== "" && (
        <IconButton size="sm" label={m.ask_none()} onClick={() => void askCollection(conversation, "")}>
          <X size={14} />
        </IconButton>
      )}
      {asked.collection && (
        <>
          {asked.collection.local_only && (
            <span className="ask-note" title={m.local_only()}>
              <Lock size={13} aria-hidden="true" />
              <span className="sr-only">{m.local_only()}</span>
            </span>
          )}
          <AsOf conversation={conversation} chosen={asked.day} />
        </>
      )}
    </div>
  );
}

const nameOf = ({ collection, id }: Asked) =>
  collection ? collection.title || id : id === "" ? m.ask_documents() : m.ask_gone();

function List({
  all,
  asked,
  pick,
}: {
  readonly all: readonly Collection[];
  readonly asked: Asked;
  readonly pick: (id: string) => void;
}) {
  return (
    <Command label={m.ask_choose()} loop>
      <Command.Input className="picker-search" placeholder={m.ask_find()} />
      <Command.List className="max-h-[50dvh] overflow-y-auto p-1">
        <Command.Empty className="p-4 text-sm text-ink-3">{m.ask_not_found()}</Command.Empty>
        {all.map((one) => (
          <Command.Item
            key={one.id}
            value={one.id}
            keywords={[one.title]}
            className="picker-item"
            onSelect={() => pick(one.id)}
          >
            <FileText size={15} aria-hidden="true" className="mt-0.5 shrink-0 text-ink-3" />
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium">{one.title || one.id}</span>
              <span className="block text-xs text-ink-3">{m.documents_ready({ n: integer(one.ready) })}</span>
            </span>
            {one.id === asked.id && <Check size={16} aria-label={m.ask_chosen()} className="text-accent" />}
          </Command.Item>
        ))}
        {asked.id !== "" && (
          <Command.Item value=" none" className="picker-item" onSelect={() => pick("")}>
            <X size={15} aria-hidden="true" className="mt-0.5 shrink-0 text-ink-3" />
            {m.ask_none()}
          </Command.Item>
        )}
      </Command.List>
    </Command>
  );
}

// AsOf asks what held on another day than today.
function AsOf({ conversation, chosen }: { readonly conversation: string; readonly chosen: string }) {
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger className="ask-button" data-chosen={chosen !== "" || undefined} title={m.as_of_why()}>
        <CalendarDays size={15} aria-hidden="true" />
        <span className="truncate">{chosen ? m.as_of_day({ day: day(chosen) }) : m.as_of()}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label={m.as_of()}
          side="top"
          align="start"
          sideOffset={8}
          collisionPadding={8}
          className="menu as-of"
        >
          <label className="flex flex-col gap-1 text-sm">
            <span className="font-medium">{m.as_of_question()}</span>
            <input
              type="date"
              className="field"
              value={chosen || today()}
              onChange={(event) => askAsOf(conversation, event.target.value === today() ? "" : event.target.value)}
            />
          </label>
          <p className="form-note">{m.as_of_why()}</p>
          {chosen && (
            <button type="button" className="link self-start text-sm" onClick={() => askAsOf(conversation, "")}>
              {m.as_of_today()}
            </button>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
