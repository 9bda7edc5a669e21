import { Upload } from "lucide-react";
import { type DragEvent, useEffect, useId, useRef, useState } from "react";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { inWindow } from "@/state/desktop";
import { bytes, integer } from "@/state/numbers";
import { cancelUpload, goOn, pauseUpload, readUploads, type Sending, sendFiles, useUploads } from "@/state/uploads";
import { FolderLine } from "./FolderLine";

const lookEveryMs = 1000;

// useFileDrop makes an element take files. In the window the box itself copies
// what is dropped, so nothing is sent.
export function useFileDrop() {
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  const carriesFiles = (event: DragEvent) => event.dataTransfer.types.includes("Files");
  const enter = (event: DragEvent, by: 1 | -1) => {
    if (!carriesFiles(event)) return;
    // Each element under the pointer tells of its own coming and going.
    depth.current = Math.max(0, depth.current + by);
    setOver(depth.current > 0);
  };
  return {
    "data-drop": over || undefined,
    onDragEnter: (event: DragEvent) => enter(event, 1),
    onDragLeave: (event: DragEvent) => enter(event, -1),
    onDragOver: (event: DragEvent) => carriesFiles(event) && event.preventDefault(),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      depth.current = 0;
      setOver(false);
      if (!inWindow()) sendFiles(event.dataTransfer.files);
    },
  };
}

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
