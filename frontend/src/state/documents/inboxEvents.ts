import { keys, queries } from "../client";

const readAfterMs = 250;
const waiting = new Set<string>();
let timer: ReturnType<typeof setTimeout> | undefined;

// inboxChanged reads an inbox, and what is counted of it, again: once for the many
// questions that come together.
export function inboxChanged(collection: string): void {
  waiting.add(collection);
  if (timer) return;
  timer = setTimeout(() => {
    timer = undefined;
    for (const id of waiting) {
      for (const queryKey of [["inbox", id], keys.gaps(id), keys.approved(id)]) {
        void queries.invalidateQueries({ queryKey });
      }
    }
    waiting.clear();
  }, readAfterMs);
}
