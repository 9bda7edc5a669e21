// Some models think aloud before they answer, between <think> and </think>.
// People want the answer; the thoughts are folded away.

export interface Thinking {
  // Null: the model does not think aloud.
  readonly thought: string | null;
  readonly answer: string;
  // It has not come to its answer yet.
  readonly open: boolean;
}

const begin = "<think>";
const end = "</think>";

// splitThinking takes the thoughts off the beginning of an answer. Some templates
// write the opening mark themselves, so the end of the thoughts may come alone.
export function splitThinking(text: string): Thinking {
  const start = text.trimStart();
  const opened = start.startsWith(begin);
  const from = opened ? begin.length : 0;
  const to = start.indexOf(end, from);
  if (to < 0) {
    if (opened) return { thought: start.slice(from).trim(), answer: "", open: true };
    // The opening mark arrives in pieces.
    if (start !== "" && begin.startsWith(start)) return { thought: "", answer: "", open: true };
    return { thought: null, answer: text, open: false };
  }
  // An end without a beginning counts only before any other mark: code that shows
  // the marks is no thought.
  if (!opened && /`|<think>/.test(start.slice(0, to))) return { thought: null, answer: text, open: false };
  return { thought: start.slice(from, to).trim(), answer: start.slice(to + end.length).trimStart(), open: false };
}
