import { m } from "@/messages/gen/messages.js";
import { CopyButton } from "@/parts/CodeBlock";
import { inWindow, revealFolder } from "@/state/desktop";
import { useModelFolder } from "@/state/hooks";

// FolderLine says where the files lie. A page in a browser cannot open a folder;
// the window can.
export function FolderLine() {
  const { data } = useModelFolder();
  const folder = data?.folders[0];
  if (!folder) return null;
  return (
    <span className="folder-line">
      <code>{folder}</code>
      <CopyButton text={folder} />
      {inWindow() && (
        <button type="button" className="copy" onClick={revealFolder}>
          {m.folder_open()}
        </button>
      )}
    </span>
  );
}
