import { FolderSync } from "lucide-react";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import type { WatchedFolder } from "@/api/documents";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { chooseFolder, inWindow } from "@/state/desktop";
import { unwatchFolder, useWatched, watchFolder } from "@/state/documents/collections";
import { integer } from "@/state/numbers";
import { RemoveDialog } from "./RemoveDialog";

// Watched are folders of the box whose files are kept up to date by themselves.
// Only this machine's own programs may name one.
export function Watched({ collection }: { readonly collection: string }) {
  const { data } = useWatched(collection);
  const [leaving, setLeaving] = useState<WatchedFolder | null>(null);
  const title = useId();
  return (
    <section className="watched" aria-labelledby={title}>
      <h3 id={title} className="flex items-center gap-2 font-semibold">
        <FolderSync size={16} aria-hidden="true" className="text-ink-3" />
        {m.watched()}
      </h3>
      <p className="text-sm text-ink-2">{m.watched_text()}</p>
      {data && data.length > 0 && (
        <ul className="flex flex-col gap-2">
          {data.map((folder) => (
            <li key={folder.id} className="watched-folder">
              <div className="min-w-0 flex-1">
                <code>{folder.path}</code>
                <p className={folder.state === "missing" ? "text-sm text-bad" : "text-sm text-ink-3"}>
                  {folder.state === "missing"
                    ? folder.reason || m.watched_missing()
                    : m.watched_files({ n: integer(folder.files ?? 0) })}
                </p>
              </div>
              <Button
                look="quiet"
                aria-label={m.watched_stop_named({ path: folder.path })}
                onClick={() => setLeaving(folder)}
              >
                {m.watched_stop()}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {inWindow() ? (
        <AddFolder collection={collection} />
      ) : (
        <p className="text-sm text-ink-3">
          {m.watched_where()} <code>{m.watched_command({ id: collection })}</code>
        </p>
      )}
      {leaving && (
        <RemoveDialog
          title={m.watched_stop_named({ path: leaving.path })}
          text={m.watched_stop_text({ n: integer(leaving.files ?? 0) })}
          action={m.watched_stop()}
          onRemove={() => unwatchFolder(collection, leaving.id)}
          onClose={() => setLeaving(null)}
        />
      )}
    </section>
  );
}

function AddFolder({ collection }: { readonly collection: string }) {
  const [path, setPath] = useState("");
  const [failed, setFailed] = useState<string | null>(null);
  const forget = useRef<() => void>(undefined);
  useEffect(() => () => forget.current?.(), []);
  const choose = () => {
    forget.current?.();
    forget.current = chooseFolder(setPath);
  };
  const add = async (event: FormEvent) => {
    event.preventDefault();
    const wrong = await watchFolder(collection, path.trim());
    setFailed(wrong);
    if (wrong === null) setPath("");
  };
  return (
    <form className="flex flex-wrap items-center gap-2" onSubmit={(event) => void add(event)}>
      <input
        className="field min-w-0 flex-1"
        value={path}
        placeholder={m.watched_path()}
        aria-label={m.watched_path()}
        onChange={(event) => setPath(event.target.value)}
      />
      <Button onClick={choose}>{m.folder_choose()}</Button>
      <Button type="submit" disabled={path.trim() === ""}>
        {m.watched_add()}
      </Button>
      {failed && (
        <p role="alert" className="w-full text-sm text-bad">
          {failed}
        </p>
      )}
    </form>
  );
}
