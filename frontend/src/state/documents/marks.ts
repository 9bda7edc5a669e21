import type { SentenceCheck } from "@/api/documents";

// Numbers of sources and doubts about sentences are carried through Markdown as
// private characters, so that no Markdown can make a link or a heading of them.
// Each is one UTF-16 code unit.

const numberBegin = "\uE000";
const numberEnd = "\uE001";
const doubtBegin = "\uE002";
const doubtEnd = "\uE003";
const own = /[\uE000-\uE003]/g;

// marked puts the marks into an answer. base: how many code units of the whole
// text stand before it, as checks count from there.
export function marked(text: string, base: number, checks: readonly SentenceCheck[]): string {
  // A model that writes such characters itself says nothing by them.
  let out = text.replace(own, "\uFFFD");
  const doubts = checks.filter(({ status }) => status === "not_found").sort((a, b) => b.end - a.end);
  for (const { start, end } of doubts) {
    const from = firstLetter(out, Math.max(0, start - base), end - base);
    const to = lastPlace(out, end - base, from);
    if (from < 0 || to <= from) continue;
    out = out.slice(0, from) + doubtBegin + out.slice(from, to) + doubtEnd + out.slice(to);
  }
  return out.replace(/\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\](?!:\/\/)/g, `${numberBegin}$1${numberEnd}`);
}

// firstLetter skips what Markdown may read at the beginning of a line: a mark
// before it would undo a list or a heading.
function firstLetter(text: string, start: number, end: number): number {
  const at = text.slice(start, end).search(/\p{L}/u);
  return at < 0 ? -1 : start + at;
}

// lastPlace is behind the sentence, but within its line and its table's cell.
function lastPlace(text: string, end: number, from: number): number {
  let at = Math.min(end, text.length);
  while (at > from && /[\s|*_`~]/.test(text[at - 1] ?? "")) at--;
  return at;
}

// unmarked gives what was written, for code and for copies.
export const unmarked = (text: string) => text.replace(/\uE000([^\uE001]*)\uE001/g, "[$1]").replace(own, "");

export type Piece =
  | { readonly kind: "text"; readonly text: string; readonly doubted: boolean }
  | { readonly kind: "numbers"; readonly numbers: readonly number[] }
  | { readonly kind: "doubt" };

// pieces takes a text apart at its marks. doubted: a doubt began before it.
export function pieces(text: string, doubted: boolean): { readonly all: Piece[]; readonly doubted: boolean } {
  const all: Piece[] = [];
  let inside = doubted;
  for (const part of text.split(/(\uE000[^\uE000-\uE003]*\uE001|[\uE002\uE003])/)) {
    if (part === "") continue;
    if (part === doubtBegin) inside = true;
    else if (part === doubtEnd) {
      inside = false;
      all.push({ kind: "doubt" });
    } else if (part.startsWith(numberBegin)) {
      all.push({ kind: "numbers", numbers: part.slice(1, -1).split(/[,;]/).map(Number) });
    } else all.push({ kind: "text", text: part.replace(own, ""), doubted: inside });
  }
  return { all, doubted: inside };
}

// A longer word may not keep a line from ending.
const longestHeld = 24;

// held puts numbers together with the word before and the stop behind them: a
// number alone on a line proves nothing.
export function held(all: readonly Piece[]): readonly (readonly Piece[])[] {
  const out: Piece[][] = [];
  for (const piece of all) {
    const last = out.at(-1) ?? [];
    const behind = last.at(-1)?.kind === "numbers";
    if (piece.kind === "numbers") {
      if (behind) last.push(piece);
      else out.push([...lastWord(last), piece]);
    } else if (piece.kind === "text" && behind) {
      const stop = /^[.,;:!?)\]"'”»]*/.exec(piece.text)?.[0] ?? "";
      if (stop) last.push({ ...piece, text: stop });
      if (stop !== piece.text) out.push([{ ...piece, text: piece.text.slice(stop.length) }]);
    } else out.push([piece]);
  }
  return out;
}

// lastWord takes the last word, with the space behind it, off a text.
function lastWord(group: Piece[]): Piece[] {
  const [piece] = group;
  if (group.length !== 1 || piece?.kind !== "text") return [];
  const at = piece.text.trimEnd().search(/\S+$/);
  if (at < 0 || piece.text.length - at > longestHeld) return [];
  group[0] = { ...piece, text: piece.text.slice(0, at) };
  return [{ ...piece, text: piece.text.slice(at) }];
}
