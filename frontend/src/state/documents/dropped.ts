// What was dropped or chosen becomes a flat list of files; those of a folder
// have its name before theirs. Hidden files and what systems leave behind are
// left out.

export interface Named {
  readonly name: string;
  readonly file: File;
}

const left = /(^|\/)(\.[^/]*|Thumbs\.db|desktop\.ini|~\$[^/]*)(\/|$)/i;

export const worthSending = (name: string) => !left.test(name);

export const chosenFiles = (list: Iterable<File>): Named[] =>
  [...list]
    .map((file) => ({ name: file.webkitRelativePath || file.name, file }))
    .filter(({ name }) => worthSending(name));

// droppedFiles has to be called while the drop is handled: afterwards the
// browser takes the entries away.
export function droppedFiles(transfer: DataTransfer): Promise<Named[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  const plain = [...transfer.files];
  if (!entries.some((entry) => entry?.isDirectory)) return Promise.resolve(chosenFiles(plain));
  return walk(entries.filter((entry) => entry !== null));
}

async function walk(entries: readonly FileSystemEntry[], under = ""): Promise<Named[]> {
  const found: Named[] = [];
  for (const entry of entries) {
    const name = under + entry.name;
    if (!worthSending(name)) continue;
    if (entry.isDirectory) found.push(...(await walk(await children(entry as FileSystemDirectoryEntry), `${name}/`)));
    else found.push({ name, file: await fileOf(entry as FileSystemFileEntry) });
  }
  return found;
}

const fileOf = (entry: FileSystemFileEntry) => new Promise<File>((resolve, reject) => entry.file(resolve, reject));

// A browser gives a folder's children in parts, until an empty one.
async function children(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return all;
    all.push(...part);
  }
}
