import { create } from "zustand";
import { type Document, documentFile, type Source } from "@/api/documents";

// The document beside the conversation: which of some passages is open. Its
// passages are an answer's sources, or what a search found.

interface Shown {
  readonly hits: readonly Source[];
  readonly at: number;
}

export const usePanel = create<{ readonly shown: Shown | null }>(() => ({ shown: null }));

// What gets the focus back.
let opener: HTMLElement | null = null;

export function openPanel(hits: readonly Source[], hit: Source): void {
  const at = hits.indexOf(hit);
  if (usePanel.getState().shown === null && document.activeElement instanceof HTMLElement) {
    opener = document.activeElement;
  }
  usePanel.setState({ shown: { hits: at < 0 ? [hit] : hits, at: Math.max(0, at) } });
}

export const stepPanel = (by: 1 | -1) =>
  usePanel.setState(({ shown }) => {
    const at = (shown?.at ?? 0) + by;
    return shown?.hits[at] ? { shown: { ...shown, at } } : {};
  });

export const closePanel = () => usePanel.setState({ shown: null });

// giveFocusBack is for when it is gone: behind one that covers the page nothing
// takes the focus.
export function giveFocusBack(): void {
  if (opener) (opener.isConnected ? opener : document.getElementById("question"))?.focus();
  opener = null;
}

// wholeOf shows a document without a passage.
export function wholeOf(document: Document): Source {
  const { version, effective, superseded_by: newer } = document;
  return {
    n: 1,
    chunk_id: "",
    document_id: document.id,
    document: document.name,
    title: document.title ?? "",
    collection: document.collection_id,
    quote: "",
    text: "",
    score: 0,
    cited: false,
    ...(version ? { version } : {}),
    ...(effective ? { effective } : {}),
    ...(newer ? { superseded_by: newer } : {}),
  };
}

// fileOf is the address of a source's file; its name for who saves it.
export const fileOf = (source: Source) => ({ href: documentFile(source.document_id), name: source.document });

// forgetPanel closes it where the place that opened it is left.
export const forgetPanel = () => {
  opener = null;
  usePanel.setState({ shown: null });
};
