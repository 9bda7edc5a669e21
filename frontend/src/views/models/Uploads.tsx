import { Upload } from "lucide-react";
import { useEffect, useId, useRef } from "react";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { bytes, integer } from "@/state/numbers";
import { cancelUpload, goOn, pauseUpload, readUploads, type Sending, sendFiles, useUploads } from "@/state/uploads";
import { FolderLine } from "./FolderLine";

const lookEveryMs = 1000;

// Uploads is where files come in, with those that are on their way.
export function Uploads() {
  const items = useUploads((state) => state.items);
  const chooser = useRef<HTMLInputElement>(null);
  const copying = items.some((one) => one.state === "copying");
  useEffect(() => {
    void readUploads();
    if (!copying) return;
    const timer = setInterval(() => void readUploads(), lookEveryMs);
    return () => clearInterval(timer);
  }, [copying]);
  const choose = () => chooser.current?.click();
  return (
    <section className="uploads" aria-label={m.uploads()}>
      <div className="drop-zone">
        <Upload size={20} aria-hidden="true" className="shrink-0 text-ink-3" />
        <p className="min-w-48 flex-1">
          {m.upload_drop()}
          <FolderLine />
        </p>
        <Button onClick={choose}>{m.upload_choose()}</Button>
        <input
          ref={chooser}
          type="file"
          accept=".gguf"
          multiple
          hidden
          onChange={(event) => {
            sendFiles(event.target.files ?? []);
            event.target.value = "";
          }}
        />
      </div>
      {items.length > 0 && (
        <ul className="upload-list">
          {items.map((item) => (
            <UploadLine key={item.name} item={item} onChoose={choose} />
          ))}
        </ul>
      )}
    </section>
  );
}

function UploadLine({ item, onChoose }: { readonly item: Sending; readonly onChoose: () => void }) {
  const { name, state } = item;
  const id = useId();
  const percent = Math.floor((100 * item.sent) / Math.max(1, item.size));
  const moving = state === "sending" || state === "waiting";
  return (
    <li className="upload-line" data-state={state}>
      <div className="min-w-0 flex-1">
        <p id={id} className="truncate font-medium">
          {name}
        </p>
        <progress className="upload-bar" max={item.size} value={item.sent} aria-label={m.upload_progress({ name })} />
        <p className="text-xs text-ink-3">
          {stateText(state)} ·{" "}
          {m.upload_percent({ n: integer(percent), sent: bytes(item.sent), size: bytes(item.size) })}
        </p>
        {item.reason && (
          <p role="alert" className="text-sm text-bad">
            {item.reason}
          </p>
        )}
      </div>
      {moving && (
        <Button aria-describedby={id} onClick={() => pauseUpload(name)}>
          {m.upload_pause()}
        </Button>
      )}
      {!moving && state !== "copying" && (
        <Button aria-describedby={id} onClick={() => goOn(name) || onChoose()}>
          {state === "unfinished" ? m.upload_choose_again() : m.upload_resume()}
        </Button>
      )}
      <Button look="quiet" aria-describedby={id} onClick={() => void cancelUpload(name)}>
        {m.cancel()}
      </Button>
    </li>
  );
}

function stateText(state: Sending["state"]): string {
  switch (state) {
    case "waiting":
      return m.upload_waiting();
    case "sending":
      return m.upload_sending();
    case "paused":
      return m.upload_paused();
    case "failed":
      return m.upload_failed();
    case "unfinished":
      return m.upload_unfinished();
    case "copying":
      return m.upload_copying();
  }
}
