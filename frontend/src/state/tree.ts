import type { Message } from "@/api/types";

// A conversation is a tree: an edit or a regeneration is a sibling. What is
// shown is one path through it.

export interface Step {
  readonly message: Message;
  // All messages that could stand here, oldest first; message is one of them.
  readonly siblings: readonly string[];
  readonly index: number;
}

// Choice says which child is shown under a parent ("" is the root). Where
// nothing was chosen, the newest is.
export type Choice = Readonly<Record<string, string>>;

export const root = "";

export function pathOf(messages: readonly Message[], choice: Choice): Step[] {
  const known = new Set(messages.map((message) => message.id));
  const children = new Map<string, Message[]>();
  for (const message of messages) {
    // A parent that is not there would hide its whole branch.
    const parent = message.parent_id && known.has(message.parent_id) ? message.parent_id : root;
    const list = children.get(parent);
    if (list) list.push(message);
    else children.set(parent, [message]);
  }
  const path: Step[] = [];
  const seen = new Set<string>();
  let at = root;
  for (;;) {
    const options = children.get(at);
    if (!options) return path;
    const chosen = options.find((message) => message.id === choice[at]) ?? options.at(-1);
    if (!chosen || seen.has(chosen.id)) return path;
    seen.add(chosen.id);
    path.push({
      message: chosen,
      siblings: options.map((message) => message.id),
      index: options.indexOf(chosen),
    });
    at = chosen.id;
  }
}
