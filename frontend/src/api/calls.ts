import { problemOf } from "./problem";
import { answer, client, send } from "./transport";
import type { GoldenQuestion, Hardware, ModelSettings, Models, Settings, Upload } from "./types";

// One function a call of the box's API; failures are thrown as Problem.

export const getSession = () => answer(client.GET("/api/v1/session"));
export const signIn = (token: string) => answer(client.POST("/api/v1/session", { body: { token } }));
export const signOut = () => answer(client.DELETE("/api/v1/session"));

export const listConversations = (before: string, limit: number, signal?: AbortSignal) =>
  answer(
    client.GET("/api/v1/conversations", {
      params: { query: { limit, ...(before ? { before } : {}) } },
      ...withSignal(signal),
    }),
  );

export const search = (q: string, signal?: AbortSignal) =>
  answer(client.GET("/api/v1/search", { params: { query: { q } }, ...withSignal(signal) }));

export const createConversation = (id: string, title: string) =>
  answer(client.POST("/api/v1/conversations", { body: { id, title } }));

export const getConversation = (id: string, signal?: AbortSignal) =>
  answer(client.GET("/api/v1/conversations/{id}", { ...at(id), ...withSignal(signal) }));

export const renameConversation = (id: string, title: string) =>
  answer(client.PATCH("/api/v1/conversations/{id}", { ...at(id), body: { title } }));

export const deleteConversation = (id: string) => answer(client.DELETE("/api/v1/conversations/{id}", at(id)));

export const restoreConversation = (id: string) => answer(client.POST("/api/v1/conversations/{id}/restore", at(id)));

export interface Ask {
  readonly id: string;
  readonly parent_id: string | null;
  readonly text: string;
  readonly model?: string;
  readonly collection?: string;
  readonly as_of?: string;
}

export const postMessage = (conversation: string, ask: Ask) =>
  answer(client.POST("/api/v1/conversations/{id}/messages", { ...at(conversation), body: ask }));

// readDraft lets the box read a question while it is typed; nothing is saved.
export const readDraft = (conversation: string, draft: Omit<Ask, "id">) =>
  answer(client.PUT("/api/v1/conversations/{id}/draft", { ...at(conversation), body: draft }));

export const getMessage = (id: string) => answer(client.GET("/api/v1/messages/{id}", at(id)));

export const regenerate = (id: string, model?: string) =>
  answer(client.POST("/api/v1/messages/{id}/regenerate", { ...at(id), body: model ? { model } : {} }));

export const stopTurn = (id: string) => answer(client.POST("/api/v1/turns/{id}/stop", at(id)));

// The document leaves a model's state open; engine.ModelState fixes it.
export const getModels = () => answer(client.GET("/api/v1/models")) as Promise<Models>;
export const loadModel = (id: string) => answer(client.POST("/api/v1/models/{id}/load", at(id)));
export const unloadModel = (id: string) => answer(client.POST("/api/v1/models/{id}/unload", at(id)));
export const getModelSettings = (id: string) => answer(client.GET("/api/v1/models/{id}/settings", at(id)));
export const patchModelSettings = (id: string, part: ModelSettings) =>
  answer(client.PATCH("/api/v1/models/{id}/settings", { ...at(id), body: part }));

// The document leaves the facts open; engine/hardware.Facts fixes them.
export const getHardware = () => answer(client.GET("/api/v1/hardware")) as Promise<Hardware>;

export const getSettings = () => answer(client.GET("/api/v1/settings"));
export const patchSettings = (part: Partial<Settings>) => answer(client.PATCH("/api/v1/settings", { body: part }));

export const getCatalogue = () => answer(client.GET("/api/v1/catalogue"));

export const getCheck = (id: string) => answer(client.GET("/api/v1/models/{id}/check", at(id)));
export const startCheck = (id: string) => answer(client.POST("/api/v1/models/{id}/check", at(id)));
export const stopCheck = (id: string) => answer(client.DELETE("/api/v1/models/{id}/check", at(id)));

export const getGolden = () => answer(client.GET("/api/v1/golden"));
export const putGolden = (questions: GoldenQuestion[]) => answer(client.PUT("/api/v1/golden", { body: { questions } }));
export const resetGolden = () => answer(client.DELETE("/api/v1/golden"));

export const getModelFolder = () => answer(client.GET("/api/v1/models/folder"));
export const importModel = (path: string) => answer(client.POST("/api/v1/models/import", { body: { path } }));
export const listUploads = () => answer(client.GET("/api/v1/uploads"));
export const beginUpload = (name: string, size: number, modified: number) =>
  answer(client.POST("/api/v1/uploads", { body: { name, size, modified } }));
export const cancelUpload = (id: string) => answer(client.DELETE("/api/v1/uploads/{id}", at(id)));

// sendPiece sends bytes as they are; the generated client knows text only.
export async function sendPiece(id: string, offset: number, piece: Blob, signal: AbortSignal): Promise<Upload> {
  const response = await send(`/api/v1/uploads/${id}?offset=${offset}`, {
    method: "PUT",
    headers: { "Content-Type": "application/octet-stream" },
    body: piece,
    signal,
  });
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw problemOf(response.status, body);
  return body as Upload;
}

function at(id: string) {
  return { params: { path: { id } } };
}

function withSignal(signal: AbortSignal | undefined) {
  return signal ? { signal } : {};
}
