import { Upload, X } from "lucide-react";
import { useRef } from "react";
import { m } from "@/messages/gen/messages.js";
import { Button, IconButton } from "@/parts/Button";
import { chosenFiles } from "@/state/documents/dropped";
import {
  cancelAllSending,
  cancelSending,
  canSendOnceMore,
  type SentFile,
  sendDocuments,
  sendOnceMore,
  useSending,
} from "@/state/documents/sending";
import { bytes, integer } from "@/state/numbers";

const shownAtOnce = 6;

// Incoming is where files come in, with those that are on their way.
export function Incoming({ collection }: { readonly collection: string }) {
  const all = useSending((state) => state.items);
  const items = all.filter((one) => one.collection === collection);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = (input: HTMLInputElement) => {
    sendDocuments(collection, chosenFiles(input.files ?? []));
    input.value = "";
  };
  return (
    <section className="uploads" aria-label={m.documents_add()}>
      <div className="drop-zone">
        <Upload size={20} aria-hidden="true" className="shrink-0 text-ink-3" />
        <p className="min-w-48 flex-1">
          {m.documents_drop()}
          <span className="block text-sm text-ink-3">{m.documents_formats()}</span>
        </p>
        <Button onClick={() => files.current?.click()}>{m.upload_choose()}</Button>
        <Button onClick={() => folder.current?.click()}>{m.folder_choose()}</Button>
        <input ref={files} type="file" multiple hidden data-what="files" onChange={(event) => take(event.target)} />
        {/* React knows no property for folders, browsers do. */}
        <input
          ref={(input) => {
            folder.current = input;
            input?.setAttribute("webkitdirectory", "");
          }}
          type="file"
          multiple
          hidden
          onChange={(event) => take(event.target)}
        />
      </div>
      {items.length > 0 && <SendingList collection={collection} items={items} />}
    </section>
  );
}

function SendingList({ collection, items }: { readonly collection: string; readonly items: readonly SentFile[] }) {
  const size = items.reduce((sum, one) => sum + one.size, 0);
  const sent = items.reduce((sum, one) => sum + one.sent, 0);
  const first = [...items].sort((a, b) => order(a) - order(b)).slice(0, shownAtOnce);
  return (
    <div className="upload-list">
      <div className="sending-head">
        <p className="min-w-0 flex-1 text-sm">
          {items.length === 1 ? m.sending_one() : m.sending_n({ n: integer(items.length) })} ·{" "}
          {m.sending_bytes({ sent: bytes(sent), size: bytes(size) })}
        </p>
        <Button look="quiet" onClick={() => cancelAllSending(collection)}>
          {m.sending_cancel()}
        </Button>
      </div>
      <ul>
        {first.map((item) => (
          <SendingLine key={item.key} item={item} />
        ))}
      </ul>
      {items.length > first.length && (
        <p className="py-2 text-sm text-ink-3">{m.sending_more({ n: integer(items.length - first.length) })}</p>
      )}
    </div>
  );
}

const order = ({ state }: SentFile) => ["failed", "sending", "waiting"].indexOf(state);

function SendingLine({ item }: { readonly item: SentFile }) {
  const { key, name, size, sent, state, reason } = item;
  return (
    <li className="upload-line" data-state={state}>
      <div className="min-w-0 flex-1">
        <p className="truncate text-sm font-medium">{name}</p>
        {state === "failed" ? (
          <p role="alert" className="text-sm text-bad">
            {reason}
          </p>
        ) : (
          <progress
            className="upload-bar"
            max={Math.max(1, size)}
            value={sent}
            aria-label={m.upload_progress({ name })}
          />
        )}
      </div>
      {state === "failed" && canSendOnceMore(key) && (
        <Button aria-label={m.again_named({ name })} onClick={() => sendOnceMore(key)}>
          {m.try_again()}
        </Button>
      )}
      <IconButton size="sm" label={m.cancel_named({ name })} onClick={() => cancelSending(key)}>
        <X size={15} />
      </IconButton>
    </li>
  );
}
