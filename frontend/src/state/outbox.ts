import { m } from "@/messages/gen/messages.js";
import { getState, type Pending, setState, useStore } from "./store";

// Questions that the box has not acknowledged outlive a reload of the tab.
// They come back as "not sent": their ids make sending them again harmless.

const key = "alcove.pending";

export function keepOutbox(): void {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    if (Array.isArray(found)) {
      const pending = found.filter(isPending).map((one) => ({ ...one, failed: m.not_sent(), stop: false }));
      setState({ pending });
    }
  } catch {
    // Nothing usable was kept.
  }
  let last = getState().pending;
  useStore.subscribe(({ pending }) => {
    if (pending === last) return;
    last = pending;
    try {
      if (pending.length === 0) sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, JSON.stringify(pending));
    } catch {
      // Storage is off or full; the question is still shown.
    }
  });
}

function isPending(value: unknown): value is Pending {
  if (typeof value !== "object" || value === null) return false;
  const { id, conversation, text } = value as Record<string, unknown>;
  return typeof id === "string" && typeof conversation === "string" && typeof text === "string";
}
