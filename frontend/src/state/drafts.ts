import { create } from "zustand";
import { keep, readKept } from "./prefs";

// Unsent text, by conversation ("" is the new one). Kept in this browser, so
// that a reload or a look at another conversation loses nothing.

type Drafts = Readonly<Record<string, string>>;

const draftsKept = 50;

function read(): Drafts {
  try {
    const found: unknown = JSON.parse(readKept("drafts") ?? "{}");
    if (typeof found !== "object" || found === null) return {};
    return Object.fromEntries(Object.entries(found).filter(([, text]) => typeof text === "string"));
  } catch {
    return {};
  }
}

const useDrafts = create<{ readonly drafts: Drafts }>(() => ({ drafts: read() }));

export const useDraft = (conversation: string) => useDrafts((state) => state.drafts[conversation] ?? "");

export function setDraft(conversation: string, text: string): void {
  const { [conversation]: _, ...rest } = useDrafts.getState().drafts;
  const entries = Object.entries(text === "" ? rest : { ...rest, [conversation]: text }).slice(-draftsKept);
  const drafts = Object.fromEntries(entries);
  useDrafts.setState({ drafts });
  keep("drafts", entries.length === 0 ? null : JSON.stringify(drafts));
}

// forgetDrafts is for signing out: the next person must not read them.
export function forgetDrafts(): void {
  useDrafts.setState({ drafts: {} });
  keep("drafts", null);
}
