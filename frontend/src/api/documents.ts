import { problemOf } from "./problem";
import { answer, client, endpointOf } from "./transport";
import type { components } from "./types.gen";

// The company's own documents: collections, their files, and what answers
// stand on. docs/contracts.md, "Documents", says what the fields mean.

type Schemas = components["schemas"];

export type Block = Schemas["DocumentBlock"];
export type Collection = Schemas["Collection"];
export type CollectionForm = Schemas["CollectionFields"];
export type Document = Schemas["Document"];
export type DocumentEdit = Schemas["DocumentChangeInputBody"];
export type DocumentPage = Schemas["DocumentsBody"];
export type DocumentState = Document["state"];
export type Flag = Schemas["Flag"];
export type Grounding = Schemas["Grounding"];
export type SentenceCheck = Schemas["SentenceCheck"];
export type WatchedFolder = Schemas["Folder"];

/** A passage that an answer stands on; of a search with how it was found. */
export type Source = Schemas["Source"] & Partial<Pick<Schemas["FoundSource"], "ranks" | "signals">>;
export type Found = Schemas["SearchBody"];

const at = (id: string) => ({ params: { path: { id } } });
const withSignal = (signal: AbortSignal | undefined) => (signal ? { signal } : {});

export const listCollections = () => answer(client.GET("/api/v1/collections"));
export const createCollection = (id: string, form: CollectionForm) =>
  answer(client.POST("/api/v1/collections", { body: { id, ...form } }));
export const patchCollection = (id: string, form: CollectionForm) =>
  answer(client.PATCH("/api/v1/collections/{id}", { ...at(id), body: form }));
export const deleteCollection = (id: string) => answer(client.DELETE("/api/v1/collections/{id}", at(id)));
export const pauseCollection = (id: string) => answer(client.POST("/api/v1/collections/{id}/pause", at(id)));
export const resumeCollection = (id: string) => answer(client.POST("/api/v1/collections/{id}/resume", at(id)));

export const listFolders = (id: string) => answer(client.GET("/api/v1/collections/{id}/folders", at(id)));
export const watchFolder = (id: string, path: string) =>
  answer(client.POST("/api/v1/collections/{id}/folders", { ...at(id), body: { path } }));
export const unwatchFolder = (id: string, folder: string) =>
  answer(client.DELETE("/api/v1/collections/{id}/folders/{folder}", { params: { path: { id, folder } } }));

export interface DocumentFilter {
  readonly collection: string;
  readonly state: DocumentState | "";
  readonly q: string;
}

export const listDocuments = (filter: DocumentFilter, before: string, limit: number, signal?: AbortSignal) => {
  const { collection, state, q } = filter;
  const query = { collection, limit, ...(state && { state }), ...(q && { q }), ...(before && { before }) };
  return answer(client.GET("/api/v1/documents", { params: { query }, ...withSignal(signal) }));
};

export const getDocument = (id: string) => answer(client.GET("/api/v1/documents/{id}", at(id)));
export const patchDocument = (id: string, edit: DocumentEdit) =>
  answer(client.PATCH("/api/v1/documents/{id}", { ...at(id), body: edit }));
export const deleteDocument = (id: string) => answer(client.DELETE("/api/v1/documents/{id}", at(id)));
export const retryDocument = (id: string) => answer(client.POST("/api/v1/documents/{id}/retry", at(id)));
export const cancelDocument = (id: string) => answer(client.POST("/api/v1/documents/{id}/cancel", at(id)));

interface TextQuery {
  readonly chunk?: string;
  readonly from?: number;
  readonly limit?: number;
}

export const getDocumentText = (id: string, query: TextQuery, signal?: AbortSignal) =>
  answer(client.GET("/api/v1/documents/{id}/text", { params: { path: { id }, query }, ...withSignal(signal) }));

export const documentFile = (id: string) => `/api/v1/documents/${encodeURIComponent(id)}/file`;

export const searchPassages = (collection: string, q: string, asOf: string, signal?: AbortSignal) =>
  answer(
    client.GET("/api/v1/search", {
      params: { query: { collection, q, limit: 10, ...(asOf && { as_of: asOf }) } },
      ...withSignal(signal),
    }),
  );

// setConversationCollection says which documents a conversation is about.
export const setConversationCollection = (conversation: string, collection: string) =>
  answer(client.PATCH("/api/v1/conversations/{id}", { ...at(conversation), body: { collection } }));

// sendDocument sends a file as it is. Only XMLHttpRequest tells how much of it
// has gone. known: the collection had the same bytes already.
export function sendDocument(
  collection: string,
  name: string,
  file: File,
  onProgress: (sent: number) => void,
  signal: AbortSignal,
): Promise<{ readonly known: boolean }> {
  const { base, token } = endpointOf();
  const query = new URLSearchParams({ collection, name, modified: String(file.lastModified) });
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${base}/api/v1/documents?${query}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    if (token) request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onerror = () => reject(problemOf(0, { code: "unreachable", detail: "" }));
    request.onabort = () => reject(signal.reason);
    request.onload = () => {
      if (request.status < 300) resolve({ known: request.status === 200 });
      else reject(problemOf(request.status, parsed(request.responseText)));
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
