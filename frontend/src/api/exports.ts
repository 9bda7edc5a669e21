import { problemOf } from "./problem";
import { send } from "./transport";
import type { Conversation } from "./types";

// Conversations as files, and back. What they hold is in docs/export.md.

export type ExportFormat = "markdown" | "html" | "json";

export const conversationFile = (id: string, format: ExportFormat, leaf: string | undefined) =>
  `/api/v1/conversations/${encodeURIComponent(id)}/export?${new URLSearchParams({ format, ...(leaf && { leaf }) })}`;

export const allConversationsFile = (format: "jsonl" | ExportFormat) =>
  `/api/v1/conversations.export?${new URLSearchParams({ format })}`;

// importConversations sends a file as it is; all of it is taken, or nothing.
export async function importConversations(file: Blob): Promise<readonly Conversation[]> {
  const response = await send("/api/v1/conversations.import", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: file,
  });
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw problemOf(response.status, body);
  return (body as { conversations: readonly Conversation[] }).conversations;
}
