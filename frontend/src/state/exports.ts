import {
  allConversationsFile,
  conversationFile,
  type ExportFormat,
  importConversations as sendConversations,
} from "@/api/exports";
import { asProblem } from "@/api/problem";
import type { Conversation, ConversationDetail } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { keys, queries } from "./client";
import { complain } from "./commands";
import { integer } from "./numbers";
import { getState, notify } from "./store";
import { pathOf } from "./tree";

const endings: Readonly<Record<ExportFormat | "jsonl" | "zip", string>> = {
  markdown: ".md",
  html: ".html",
  json: ".json",
  jsonl: ".jsonl",
  zip: ".zip",
};

// exportConversation saves the branch that is shown, or with JSON all of them.
export function exportConversation({ id, title }: Pick<Conversation, "id" | "title">, format: ExportFormat): void {
  const detail = queries.getQueryData<ConversationDetail>(keys.conversation(id));
  const leaf = pathOf(detail?.messages ?? [], getState().choices[id] ?? {}).at(-1)?.message.id;
  download(conversationFile(id, format, leaf), fileName(title || m.untitled()) + endings[format]);
}

export function exportAll(format: "jsonl" | "markdown"): void {
  download(allConversationsFile(format), `alcove-conversations${endings[format === "jsonl" ? "jsonl" : "zip"]}`);
}

// A browser takes the name that the box gives; the window asks for one with this.
const fileName = (title: string) =>
  title
    .replace(/[^\p{L}\p{N}()_,-]+/gu, " ")
    .slice(0, 80)
    .trim();

// download presses a link: a browser saves what it leads to, and in the window
// state/desktop.ts asks where to put it.
function download(address: string, name: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
}

// importConversations gives the conversations of a file, null where it was refused.
export async function importConversations(file: Blob): Promise<readonly Conversation[] | null> {
  try {
    const taken = await sendConversations(file);
    // They stand by their own times, somewhere in the list.
    await queries.invalidateQueries({ queryKey: keys.conversations });
    notify({ text: taken.length === 1 ? m.imported_one() : m.imported({ n: integer(taken.length) }) });
    return taken;
  } catch (thrown) {
    complain(asProblem(thrown));
    return null;
  }
}
