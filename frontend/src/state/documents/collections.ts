import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import * as api from "@/api/documents";
import { asProblem } from "@/api/problem";
import { keys, queries } from "../client";
import { complain } from "../commands";
import { sentence } from "../sentences";
import { dropCollection, dropDocument, putCollection, readSoon } from "./events";

// The collections of documents and what can be done with them. A box of before
// them answers 404: then they are null, and nothing of this is shown.

export const useCollections = () =>
  useQuery({
    queryKey: keys.collections,
    queryFn: async () => {
      try {
        return (await api.listCollections()).collections;
      } catch (thrown) {
        if (asProblem(thrown).status === 404) return null;
        throw thrown;
      }
    },
  });

const pageSize = 100;

export function useDocuments(filter: api.DocumentFilter) {
  const query = useInfiniteQuery({
    queryKey: keys.documents(filter.collection, filter.state, filter.q),
    queryFn: ({ pageParam, signal }) => api.listDocuments(filter, pageParam, pageSize, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next || undefined,
  });
  const documents = useMemo(() => (query.data?.pages ?? []).flatMap((page) => page.documents), [query.data]);
  return { ...query, documents };
}

export const useWatched = (collection: string) =>
  useQuery({
    queryKey: keys.watched(collection),
    queryFn: async () => (await api.listFolders(collection)).folders,
    staleTime: 0,
  });

// useDocument follows one document's state; events make it be read again. One
// that is on its way is looked at now and then too: the event may come while it
// is read for the first time.
export const useDocument = (id: string) =>
  useQuery({
    queryKey: keys.document(id),
    queryFn: () => api.getDocument(id),
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data && underWay.has(state.data.state) ? 2000 : false),
  });

const underWay: ReadonlySet<string> = new Set(["waiting", "reading", "indexing"]);

export const useDocumentText = (id: string, chunk: string) =>
  useQuery({
    queryKey: keys.documentText(id, chunk),
    queryFn: ({ signal }) => api.getDocumentText(id, chunk ? { chunk } : {}, signal),
    enabled: id !== "",
    // A file that was changed or removed must not be shown as it was.
    staleTime: 0,
    gcTime: 0,
  });

// readBlocks reads blocks of a long document that did not come with its passage;
// null when it could not, which it says.
export async function readBlocks(id: string, from: number, limit: number): Promise<readonly api.Block[] | null> {
  try {
    return (await api.getDocumentText(id, { from, limit })).blocks;
  } catch (thrown) {
    complain(asProblem(thrown));
    return null;
  }
}

export const usePassages = (collection: string, q: string, asOf: string) =>
  useQuery({
    queryKey: keys.passages(collection, q, asOf),
    queryFn: ({ signal }) => api.searchPassages(collection, q, asOf, signal),
    enabled: q !== "",
    staleTime: 0,
    gcTime: 0,
  });

// told runs a command; it gives the sentence of what failed, null when it went well.
export async function told(run: () => Promise<void>): Promise<string | null> {
  try {
    await run();
    return null;
  } catch (thrown) {
    return sentence(thrown);
  }
}

async function orComplain(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (thrown) {
    complain(asProblem(thrown));
  }
}

export const createCollection = (id: string, form: api.CollectionForm) =>
  told(async () => putCollection(await api.createCollection(id, form)));

export const saveCollection = (id: string, form: api.CollectionForm) =>
  told(async () => putCollection(await api.patchCollection(id, form)));

export const removeCollection = (id: string) =>
  told(async () => {
    await api.deleteCollection(id);
    dropCollection(id);
  });

export const setPaused = (id: string, paused: boolean) =>
  orComplain(async () => putCollection(await (paused ? api.pauseCollection : api.resumeCollection)(id)));

export const watchFolder = (collection: string, path: string) =>
  told(async () => {
    await api.watchFolder(collection, path);
    await queries.invalidateQueries({ queryKey: keys.watched(collection) });
  });

export const unwatchFolder = (collection: string, folder: string) =>
  told(async () => {
    await api.unwatchFolder(collection, folder);
    await queries.invalidateQueries({ queryKey: keys.watched(collection) });
    readSoon(collection);
  });

// saveDocument says what is another one than before: what a person sets stays,
// whatever a later file says, so that nothing else must be set.
export const saveDocument = (document: api.Document, edit: api.DocumentEdit) =>
  told(async () => {
    await api.patchDocument(document.id, changedIn(document, edit));
    readSoon(document.collection_id);
  });

export const changedIn = (document: api.Document, edit: api.DocumentEdit): api.DocumentEdit =>
  Object.fromEntries(
    Object.entries(edit).filter(([field, value]) => value !== (document[field as keyof api.DocumentEdit] ?? "")),
  );

export const retryDocument = (document: api.Document) =>
  orComplain(async () => {
    await api.retryDocument(document.id);
    readSoon(document.collection_id);
  });

export const cancelDocument = (document: api.Document) =>
  orComplain(async () => {
    await api.cancelDocument(document.id);
    readSoon(document.collection_id);
  });

export const removeDocument = (document: api.Document) =>
  orComplain(async () => {
    await api.deleteDocument(document.id);
    dropDocument(document.id);
    readSoon(document.collection_id);
  });
