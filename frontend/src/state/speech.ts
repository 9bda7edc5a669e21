// speakable gives what a screen reader should say next of a growing answer:
// whole sentences or lines only, so that words are not read in halves. from is
// how much has been said; all says that the text has ended.
export function speakable(text: string, from: number, all: boolean): { say: string; upTo: number } {
  if (all) return { say: text.slice(from), upTo: text.length };
  let upTo = from;
  for (const end of text.slice(from).matchAll(/[.!?:;](?=\s)|\n/g)) upTo = from + end.index + 1;
  return { say: text.slice(from, upTo), upTo };
}
