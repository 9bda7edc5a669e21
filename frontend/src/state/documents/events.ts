import type { InfiniteData } from "@tanstack/react-query";
import type { Collection, Document, DocumentPage } from "@/api/documents";
import type { CollectionChanged, CollectionDeleted, DocumentChanged, DocumentDeleted } from "@/api/events";
import { alter, keys, queries } from "../client";
import { inboxChanged } from "./inboxEvents";
import { leaveAnswers } from "./removed";

// What the box tells of its documents goes into the lists that are shown. A
// file that is in a list is changed in its place; what may change who is in a
// list makes it be read again, once for many files.

export type DocumentPages = InfiniteData<DocumentPage, unknown>;
type Change = DocumentChanged | DocumentDeleted | CollectionChanged | CollectionDeleted;

export function documentsChanged(event: Change): void {
  switch (event.type) {
    case "document.changed":
      changed(event.document);
      break;
    case "document.deleted":
      leaveAnswers(event);
      dropDocument(event.id);
      readSoon(event.collection);
      inboxChanged(event.collection); // what an answer of HR's answered is open again
      break;
    case "collection.changed":
      putCollection(event.collection);
      break;
    case "collection.deleted":
      leaveAnswers(event);
      dropCollection(event.id);
      break;
  }
}

function changed(document: Document): void {
  readAgain(document.id);
  let moved = false;
  const lists = queries.getQueriesData<DocumentPages>({ queryKey: ["documents", document.collection_id] });
  for (const [key, pages] of lists) {
    const next = pages && replaced(pages, document);
    if (next) queries.setQueryData<DocumentPages>(key, next.pages);
    if (!next || next.moved) moved = true;
  }
  if (moved || lists.length === 0) readSoon(document.collection_id);
}

// readAgain reads a document that is shown by itself: a reading that is on its
// way may be of before this change.
function readAgain(id: string): void {
  const queryKey = keys.document(id);
  if (queries.getQueryState(queryKey)) void queries.invalidateQueries({ queryKey });
}

// replaced puts a document in its place; null: it is not in the list. moved: it
// may belong into another list now. Exported for tests.
export function replaced(pages: DocumentPages, document: Document): { pages: DocumentPages; moved: boolean } | null {
  let before: Document | undefined;
  const next = pages.pages.map((page) => ({
    ...page,
    documents: page.documents.map((one) => {
      if (one.id !== document.id) return one;
      before = one;
      return document;
    }),
  }));
  return before ? { pages: { ...pages, pages: next }, moved: before.state !== document.state } : null;
}

export function dropDocument(id: string): void {
  for (const [key, pages] of queries.getQueriesData<DocumentPages>({ queryKey: ["documents"] })) {
    if (!pages) continue;
    queries.setQueryData<DocumentPages>(key, {
      ...pages,
      pages: pages.pages.map((page) => ({
        ...page,
        documents: page.documents.filter((one) => one.id !== id),
      })),
    });
  }
  queries.removeQueries({ queryKey: ["document-text", id] });
  readAgain(id);
}

export function putCollection(collection: Collection): void {
  alter<Collection[]>(keys.collections, (all) => {
    const known = all.some((one) => one.id === collection.id);
    return known ? all.map((one) => (one.id === collection.id ? collection : one)) : [...all, collection];
  });
}

export function dropCollection(id: string): void {
  alter<Collection[]>(keys.collections, (all) => all.filter((one) => one.id !== id));
  queries.removeQueries({ queryKey: ["documents", id] });
}

const readAfterMs = 250;
const waiting = new Set<string>();
let timer: ReturnType<typeof setTimeout> | undefined;

// readSoon reads a collection's lists and the counts again.
export function readSoon(collection: string): void {
  waiting.add(collection);
  if (timer) return;
  timer = setTimeout(() => {
    timer = undefined;
    for (const id of waiting) void queries.invalidateQueries({ queryKey: ["documents", id] });
    waiting.clear();
    void queries.invalidateQueries({ queryKey: keys.collections });
  }, readAfterMs);
}
