import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ConversationDetail } from "@/api/types";
import { keys, queries } from "@/state/client";
import { exportAll, exportConversation, importConversations } from "@/state/exports";
import { getState, setState } from "@/state/store";
import { answer, conversation, message } from "./messages";

let pressed: { readonly address: string; readonly name: string }[] = [];
const onClick = (event: MouseEvent) => {
  const link = event.target as HTMLAnchorElement;
  pressed.push({ address: link.getAttribute("href") ?? "", name: link.download });
  event.preventDefault();
};

beforeEach(() => document.addEventListener("click", onClick));
afterEach(() => {
  document.removeEventListener("click", onClick);
  vi.unstubAllGlobals();
  queries.clear();
  pressed = [];
  setState({ choices: {}, notices: [] });
});

describe("a conversation as a file", () => {
  it("is the branch that is shown", () => {
    const q = message({ id: "q", text: "What?" });
    queries.setQueryData<ConversationDetail>(keys.conversation(conversation), {
      conversation: { id: conversation, title: "T", created_at: "", updated_at: "" },
      messages: [q, answer({ id: "a1", parent_id: "q" }), answer({ id: "a2", parent_id: "q" })],
    });
    setState({ choices: { [conversation]: { q: "a1" } } });
    exportConversation({ id: conversation, title: "Leave/2026: <b>?" }, "markdown");
    exportConversation({ id: "other", title: "" }, "html");
    exportAll("jsonl");
    exportAll("markdown");
    expect(pressed).toEqual([
      { address: `/api/v1/conversations/${conversation}/export?format=markdown&leaf=a1`, name: "Leave 2026 b.md" },
      { address: "/api/v1/conversations/other/export?format=html", name: "Untitled.html" },
      { address: "/api/v1/conversations.export?format=jsonl", name: "alcove-conversations.jsonl" },
      { address: "/api/v1/conversations.export?format=markdown", name: "alcove-conversations.zip" },
    ]);
    expect(document.querySelector("a")).toBeNull();
  });

  it("comes back, or is refused with the box's sentence", async () => {
    const taken = [{ id: "n", title: "T", created_at: "", updated_at: "" }];
    vi.stubGlobal("fetch", async () => Response.json({ conversations: taken }, { status: 201 }));
    expect(await importConversations(new Blob(["{}"]))).toEqual(taken);
    expect(getState().notices.at(-1)?.text).toBe("1 conversation was imported.");
    const problem = { code: "import_invalid", detail: "Nothing was imported." };
    vi.stubGlobal("fetch", async () => Response.json(problem, { status: 422 }));
    expect(await importConversations(new Blob(["x"]))).toBeNull();
    expect(getState().notices.at(-1)).toMatchObject({ text: "Nothing was imported.", tone: "bad" });
  });
});
