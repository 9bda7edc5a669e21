import { problemOf } from "./problem";
import { endpointOf, send } from "./transport";

// The company's own documents: collections, their files, and what answers
// stand on. docs/contracts.md, "Documents", says what the fields mean.

export type DocumentState = "waiting" | "reading" | "indexing" | "ready" | "failed" | "duplicate" | "cancelled";

export interface Collection {
  readonly id: string;
  readonly title: string;
  readonly description?: string;
  readonly owner?: string;
  readonly readers?: readonly string[] | null;
  readonly languages?: readonly string[] | null;
  readonly local_only?: boolean;
  readonly threshold?: number | null;
  readonly refusal?: string;
  readonly paused?: boolean;
  readonly documents: number;
  readonly chunks?: number;
  readonly pages?: number;
  readonly ready: number;
  readonly waiting: number;
  readonly failed: number;
  readonly flagged: number;
  readonly indexed_at?: string;
}

export interface CollectionForm {
  readonly title: string;
  readonly description: string;
  readonly languages: string[];
  readonly readers: string[];
  readonly local_only: boolean;
  readonly threshold: number | null;
  readonly refusal: string;
}

export interface Flag {
  readonly kind: string;
  readonly page?: number;
  readonly note?: string;
}

export interface Document {
  readonly id: string;
  readonly collection_id: string;
  readonly name: string;
  readonly folder?: string;
  readonly path?: string;
  readonly format?: string;
  readonly title?: string;
  readonly language?: string;
  readonly state: DocumentState;
  readonly reason?: string;
  readonly reason_text?: string;
  readonly progress?: number;
  readonly size?: number;
  readonly pages?: number;
  readonly chunks?: number;
  readonly flags?: readonly Flag[] | null;
  readonly series?: string;
  readonly version?: string;
  readonly effective?: string;
  readonly superseded_by?: string;
  readonly indexed_at?: string;
  readonly created_at: string;
  readonly updated_at?: string;
}

export interface Ranks {
  readonly text?: number;
  readonly vector?: number;
  readonly rerank?: number;
}

/** A passage that an answer stands on, as it was when it was asked. */
export interface Source {
  readonly n: number;
  readonly chunk_id: string;
  readonly document_id: string;
  readonly document: string;
  readonly title?: string;
  readonly collection?: string;
  readonly page?: number;
  readonly page_end?: number;
  readonly heading?: string;
  readonly quote?: string;
  readonly text?: string;
  readonly version?: string;
  readonly effective?: string;
  readonly superseded_by?: string;
  readonly score: number;
  readonly cited?: boolean;
  readonly approved?: boolean;
  readonly removed?: boolean;
  readonly ranks?: Ranks;
}

export interface SentenceCheck {
  readonly start: number;
  readonly end: number;
  readonly sources?: readonly number[] | null;
  readonly status: string; // "supported", "not_found", "uncited"
  readonly note?: string;
}

export interface Grounding {
  readonly collection: string;
  readonly decision: string; // "answered", "refused"
  readonly score: number;
  readonly threshold: number;
  readonly took_ms?: number;
  readonly query?: string;
  readonly as_of?: string;
  readonly checks?: readonly SentenceCheck[] | null;
}

export interface Block {
  readonly seq?: number; // its place in the document, from 0
  readonly kind: string; // "heading", "paragraph", "item", "row", "note"
  readonly level?: number;
  readonly text: string;
  readonly page?: number;
  readonly table?: number;
  readonly cells?: readonly string[] | null;
  readonly head?: boolean;
  readonly hidden?: boolean;
}

export interface DocumentText {
  readonly document: Document;
  readonly blocks: readonly Block[] | null;
  readonly next?: number; // where what follows begins
  readonly chunk?: { readonly id: string; readonly from: number; readonly to: number; readonly page?: number };
}

export interface WatchedFolder {
  readonly id: string;
  readonly path: string;
  readonly files?: number;
  readonly state: string; // "watching", "missing"
  readonly reason?: string;
}

export interface Passages {
  readonly passages?: readonly Source[] | null;
  readonly grounding?: Grounding;
}

async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await send(path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
    ...(signal ? { signal } : {}),
  });
  const found: unknown = response.status === 204 ? undefined : await response.json().catch(() => null);
  if (!response.ok) throw problemOf(response.status, found);
  return found as T;
}

const part = encodeURIComponent;
const collectionPath = (id: string) => `/api/v1/collections/${part(id)}`;
const documentPath = (id: string) => `/api/v1/documents/${part(id)}`;

export const listCollections = () => call<{ collections: Collection[] | null }>("GET", "/api/v1/collections");
export const createCollection = (id: string, form: CollectionForm) =>
  call<Collection>("POST", "/api/v1/collections", { id, ...form });
export const patchCollection = (id: string, form: Partial<CollectionForm>) =>
  call<Collection>("PATCH", collectionPath(id), form);
export const deleteCollection = (id: string) => call<void>("DELETE", collectionPath(id));
export const pauseCollection = (id: string) => call<Collection>("POST", `${collectionPath(id)}/pause`);
export const resumeCollection = (id: string) => call<Collection>("POST", `${collectionPath(id)}/resume`);

export const listFolders = (id: string) =>
  call<{ folders: WatchedFolder[] | null }>("GET", `${collectionPath(id)}/folders`);
export const watchFolder = (id: string, path: string) =>
  call<WatchedFolder>("POST", `${collectionPath(id)}/folders`, { path });
export const unwatchFolder = (id: string, folder: string) =>
  call<void>("DELETE", `${collectionPath(id)}/folders/${part(folder)}`);

export interface DocumentFilter {
  readonly collection: string;
  readonly state: string;
  readonly q: string;
}

export interface DocumentPage {
  readonly documents: Document[] | null;
  readonly next?: string;
}

export function listDocuments(filter: DocumentFilter, before: string, limit: number, signal?: AbortSignal) {
  const query = new URLSearchParams({ collection: filter.collection, limit: String(limit) });
  if (filter.state) query.set("state", filter.state);
  if (filter.q) query.set("q", filter.q);
  if (before) query.set("before", before);
  return call<DocumentPage>("GET", `/api/v1/documents?${query}`, undefined, signal);
}

export type DocumentEdit = Pick<Document, "title" | "effective" | "version" | "series">;

export const patchDocument = (id: string, edit: DocumentEdit) => call<Document>("PATCH", documentPath(id), edit);
export const deleteDocument = (id: string) => call<void>("DELETE", documentPath(id));
export const retryDocument = (id: string) => call<Document>("POST", `${documentPath(id)}/retry`);
export const cancelDocument = (id: string) => call<Document>("POST", `${documentPath(id)}/cancel`);
export const getDocumentText = (id: string, chunk: string, signal?: AbortSignal) =>
  call<DocumentText>("GET", `${documentPath(id)}/text${chunk ? `?chunk=${part(chunk)}` : ""}`, undefined, signal);
export const getBlocks = (id: string, from: number, limit: number) =>
  call<DocumentText>("GET", `${documentPath(id)}/text?from=${from}&limit=${limit}`);
export const documentFile = (id: string) => `${documentPath(id)}/file`;

export function searchPassages(collection: string, q: string, asOf: string, signal?: AbortSignal) {
  const query = new URLSearchParams({ collection, q, limit: "10" });
  if (asOf) query.set("as_of", asOf);
  return call<Passages>("GET", `/api/v1/search?${query}`, undefined, signal);
}

// putConversationCollection says which documents a conversation is about.
export const setConversationCollection = (conversation: string, collection: string) =>
  call<unknown>("PATCH", `/api/v1/conversations/${part(conversation)}`, { collection });

// sendDocument sends a file as it is. Only XMLHttpRequest tells how much of it
// has gone.
export function sendDocument(
  collection: string,
  name: string,
  file: File,
  onProgress: (sent: number) => void,
  signal: AbortSignal,
): Promise<{ readonly document: Document; readonly known: boolean }> {
  const { base, token } = endpointOf();
  const query = new URLSearchParams({ collection, name, modified: String(file.lastModified) });
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${base}/api/v1/documents?${query}`);
    request.withCredentials = token === undefined;
    request.setRequestHeader("Content-Type", "application/octet-stream");
    if (token) request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onerror = () => reject(problemOf(0, { code: "unreachable", detail: "" }));
    request.onabort = () => reject(signal.reason);
    request.onload = () => {
      const body = parsed(request.responseText);
      if (request.status >= 300) reject(problemOf(request.status, body));
      else resolve({ document: body as Document, known: request.status === 200 });
    };
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
