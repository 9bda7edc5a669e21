import { create } from "zustand";
import * as api from "@/api/calls";
import { asProblem, type Problem } from "@/api/problem";
import type { Upload } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { complain } from "./commands";
import { sentence } from "./sentences";
import { notify } from "./store";

// Model files on their way to the box, one after the other. They go on while
// other pages are looked at. What is there survives a reload: the box knows how
// much it has, and the same file goes on from there.

export const pieceSize = 8 << 20;

// waiting: behind another one. unfinished: begun before this page was loaded,
// its file has to be chosen again. copying: the box reads it itself.
type SendState = "waiting" | "sending" | "paused" | "failed" | "unfinished" | "copying";

export interface Sending {
  readonly name: string;
  readonly id: string | null; // null: the box does not know it yet
  readonly size: number;
  readonly sent: number;
  readonly state: SendState;
  readonly reason: string | null;
}

export const useUploads = create<{ readonly items: readonly Sending[] }>(() => ({ items: [] }));

const items = () => useUploads.getState().items;
const itemOf = (name: string) => items().find((one) => one.name === name);
const set = (next: readonly Sending[]) => useUploads.setState({ items: next });
const change = (name: string, part: Partial<Sending>) =>
  set(items().map((one) => (one.name === name ? { ...one, ...part } : one)));
const take = (name: string) => set(items().filter((one) => one.name !== name));

// A File is a handle: it holds no bytes until they are read.
const files = new Map<string, File>();
let sending: { readonly name: string; readonly stop: AbortController } | undefined;

// sendFiles puts files behind those that are on their way.
export function sendFiles(list: Iterable<File>): void {
  for (const file of list) {
    const old = itemOf(file.name);
    if (old && (old.state === "sending" || old.state === "copying")) continue;
    files.set(file.name, file);
    const next: Sending = {
      name: file.name,
      id: old?.id ?? null,
      size: file.size,
      sent: 0,
      state: "waiting",
      reason: null,
    };
    set(old ? items().map((one) => (one === old ? next : one)) : [...items(), next]);
  }
  void pump();
}

async function pump(): Promise<void> {
  const next = items().find((one) => one.state === "waiting");
  const file = next && files.get(next.name);
  if (sending || !next || !file) return;
  sending = { name: next.name, stop: new AbortController() };
  change(next.name, { state: "sending" });
  try {
    await send(file, sending.stop.signal);
    files.delete(next.name);
    take(next.name);
    notify({ text: m.upload_done({ name: next.name }) });
  } catch (thrown) {
    if (!sending.stop.signal.aborted) change(next.name, { state: "failed", reason: sentence(thrown) });
  } finally {
    sending = undefined;
  }
  void pump();
}

const tries = 6;

// send goes on from what the box has until all of a file is there. A piece that
// may or may not have arrived is no trouble: the box is asked how much it has.
async function send(file: File, stop: AbortSignal): Promise<void> {
  let at: Upload | undefined;
  for (let failed = 0; ; ) {
    try {
      at ??= await api.beginUpload(file.name, file.size, file.lastModified);
      change(file.name, { id: at.id, sent: at.offset });
      if (at.offset >= file.size) return;
      at = await api.sendPiece(at.id, at.offset, file.slice(at.offset, at.offset + pieceSize), stop);
      failed = 0;
    } catch (thrown) {
      if (stop.aborted) throw thrown;
      const problem = asProblem(thrown);
      if (ended(problem, at, file.size)) return;
      if (!worthAgain(problem) || ++failed >= tries) throw problem;
      at = undefined;
      await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** failed));
    }
    if (stop.aborted) throw stop.reason;
  }
}

// ended: the answer to the last piece was lost, and the box has the whole file.
// exported for tests, as is worthAgain.
export const ended = (problem: Problem, at: Upload | undefined, size: number) =>
  problem.status === 404 && at !== undefined && at.offset + pieceSize >= size;

// worthAgain: nothing arrived, or the box has more or less than this page thinks.
export const worthAgain = (problem: Problem) =>
  problem.passing || (problem.status === 409 && problem.field === "offset");

export function pauseUpload(name: string): void {
  if (sending?.name === name) sending.stop.abort();
  change(name, { state: "paused" });
}

// goOn resumes; false: the file has to be chosen again.
export function goOn(name: string): boolean {
  if (!files.has(name)) return false;
  change(name, { state: "waiting", reason: null });
  void pump();
  return true;
}

export async function cancelUpload(name: string): Promise<void> {
  const item = itemOf(name);
  if (sending?.name === name) sending.stop.abort();
  files.delete(name);
  take(name);
  if (!item?.id) return;
  try {
    await api.cancelUpload(item.id);
  } catch (thrown) {
    const problem = asProblem(thrown);
    if (problem.status === 404) return; // it is whole, or it was removed elsewhere
    complain(problem);
    await readUploads();
  }
}

// merged joins what this page sends with what the box has.
export function merged(mine: readonly Sending[], theirs: readonly Upload[]): Sending[] {
  const known = new Map(theirs.map((upload) => [upload.name, upload]));
  const kept = mine.filter((one) => known.has(one.name) || (one.state !== "unfinished" && one.state !== "copying"));
  const names = new Set(kept.map((one) => one.name));
  const foreign = (upload: Upload): Sending => ({
    name: upload.name,
    id: upload.id,
    size: upload.size,
    sent: upload.offset,
    state: upload.copying ? "copying" : "unfinished",
    reason: upload.reason ?? null,
  });
  const update = (one: Sending) => {
    const upload = known.get(one.name);
    return upload && (one.state === "unfinished" || one.state === "copying") ? foreign(upload) : one;
  };
  return [...kept.map(update), ...theirs.filter((upload) => !names.has(upload.name)).map(foreign)];
}

export async function readUploads(): Promise<void> {
  try {
    set(merged(items(), (await api.listUploads()).uploads));
  } catch {
    // What this page knows is shown until the box answers again.
  }
}

// importFiles lets the box copy files of this machine. Only the window knows paths.
export async function importFiles(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (!path.endsWith(".gguf")) {
      notify({ text: m.window_files() });
      continue;
    }
    try {
      await api.importModel(path);
    } catch (thrown) {
      complain(asProblem(thrown));
    }
  }
  await readUploads();
}
