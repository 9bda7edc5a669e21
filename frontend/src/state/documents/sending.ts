import { create } from "zustand";
import * as api from "@/api/documents";
import { asProblem } from "@/api/problem";
import { m } from "@/messages/gen/messages.js";
import { sentence } from "../sentences";
import { notify } from "../store";
import { readSoon } from "./events";

// Files on their way into a collection, a few at a time. They go on while other
// pages are looked at; what has arrived is in the box's own queue.

export interface SentFile {
  readonly key: number;
  readonly collection: string;
  readonly name: string;
  readonly size: number;
  readonly sent: number;
  readonly state: "waiting" | "sending" | "failed";
  readonly reason: string | null;
}

interface Sending {
  readonly items: readonly SentFile[];
  // How many arrived since the list was last empty.
  readonly arrived: number;
  readonly known: number;
}

const nothing: Sending = { items: [], arrived: 0, known: 0 };
export const useSending = create<Sending>(() => nothing);

const atOnce = 2;
const tries = 5;
const mostBytes = 256 * 2 ** 20;

let lastKey = 0;
const files = new Map<number, File>();
const stops = new Map<number, AbortController>();

const { getState, setState } = useSending;
const change = (key: number, part: Partial<SentFile>) =>
  setState(({ items }) => ({ items: items.map((one) => (one.key === key ? { ...one, ...part } : one)) }));

// sendDocuments puts files behind those that are on their way. Names have the
// folders that were dropped.
export function sendDocuments(collection: string, list: readonly { readonly name: string; readonly file: File }[]) {
  const added = list.map(({ name, file }): SentFile => {
    const key = ++lastKey;
    const tooLarge = file.size > mostBytes;
    if (!tooLarge) files.set(key, file);
    return {
      key,
      collection,
      name,
      size: file.size,
      sent: 0,
      state: tooLarge ? "failed" : "waiting",
      reason: tooLarge ? m.documents_too_large() : null,
    };
  });
  setState(({ items }) => ({ items: [...items, ...added] }));
  pump();
}

function pump(): void {
  while (stops.size < atOnce) {
    const next = getState().items.find((one) => one.state === "waiting" && files.has(one.key));
    if (!next) return;
    const stop = new AbortController();
    stops.set(next.key, stop);
    change(next.key, { state: "sending", reason: null });
    void run(next, stop.signal);
  }
}

async function run(item: SentFile, signal: AbortSignal): Promise<void> {
  try {
    const known = await send(item, files.get(item.key) as File, signal);
    setState((state) => ({ arrived: state.arrived + 1, known: state.known + (known ? 1 : 0) }));
    take(item.key);
    readSoon(item.collection);
  } catch (thrown) {
    if (!signal.aborted) change(item.key, { state: "failed", reason: sentence(thrown) });
  } finally {
    stops.delete(item.key);
    pump();
    finish();
  }
}

// send tries again while nothing is known of the file: the same bytes twice are
// the same document to the box.
async function send(item: SentFile, file: File, signal: AbortSignal): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      const onProgress = (sent: number) => change(item.key, { sent: Math.min(sent, item.size) });
      return (await api.sendDocument(item.collection, item.name, file, onProgress, signal)).known;
    } catch (thrown) {
      if (signal.aborted || !asProblem(thrown).passing || attempt >= tries) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** attempt));
      if (signal.aborted) throw signal.reason;
    }
  }
}

const take = (key: number) => {
  files.delete(key);
  setState(({ items }) => ({ items: items.filter((one) => one.key !== key) }));
};

// finish says how many came when nothing is on its way any more.
function finish(): void {
  const { items, arrived, known } = getState();
  if (arrived === 0 || items.some((one) => one.state !== "failed")) return;
  setState({ arrived: 0, known: 0 });
  const text = arrived === 1 ? m.documents_arrived_one() : m.documents_arrived({ n: String(arrived) });
  notify({ text: known > 0 ? m.documents_arrived_known({ text, n: String(known) }) : text });
}

export function cancelSending(key: number): void {
  stops.get(key)?.abort();
  take(key);
  pump();
}

export function cancelAllSending(collection: string): void {
  for (const { key } of getState().items.filter((one) => one.collection === collection)) {
    stops.get(key)?.abort();
    files.delete(key);
  }
  setState(({ items }) => ({ items: items.filter((one) => one.collection !== collection) }));
  pump();
}

export function sendOnceMore(key: number): void {
  if (!files.has(key)) return;
  change(key, { state: "waiting", sent: 0, reason: null });
  pump();
}

export const canSendOnceMore = (key: number) => files.has(key);
