import { useEffect, useRef } from "react";

export interface Shortcuts {
  readonly newChat: () => void;
  readonly sidebar: () => void;
  readonly search: () => void;
  readonly settings: () => void;
  readonly sheet: () => void;
  readonly composer: () => void;
}

// shortcutOf names the command of a key press. Ctrl and Cmd are the same; keys
// that the browser reserves (Ctrl+N, Ctrl+R) are left alone.
export function shortcutOf(event: KeyboardEvent): keyof Shortcuts | null {
  const key = event.key.toLowerCase();
  if (key === "escape") return event.shiftKey ? "composer" : null;
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return null;
  if (event.shiftKey) return key === "o" ? "newChat" : null;
  if (key === "b") return "sidebar";
  if (key === "k") return "search";
  if (key === ",") return "settings";
  if (key === "/") return "sheet";
  return null;
}

export function useShortcuts(shortcuts: Partial<Shortcuts>): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const name = shortcutOf(event);
      const run = name && latest.current[name];
      if (!run || event.defaultPrevented || event.isComposing) return;
      event.preventDefault();
      run();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

// somethingOpen: Esc belongs to what is open in front of the chat.
export const somethingOpen = () =>
  document.querySelector("dialog[open], [role=menu], [data-radix-popper-content-wrapper]") !== null;
