import { useQuery } from "@tanstack/react-query";
import * as api from "@/api/desk";
import type { Document } from "@/api/documents";
import { keys } from "../client";

// Versions of one text, and what changed between two of them.

export const useChanges = (before: string, after: string) =>
  useQuery({
    queryKey: keys.changes(before, after),
    queryFn: async () => (await api.compareDocuments(before, after)).changes,
    staleTime: 0,
    gcTime: 0,
  });

// Later ones hold: by day, then version, then arrival.
const later = (a: Document, b: Document) =>
  (a.effective ?? "").localeCompare(b.effective ?? "") ||
  (a.version ?? "").localeCompare(b.version ?? "", undefined, { numeric: true }) ||
  a.created_at.localeCompare(b.created_at);

// versionBefore is the document that one took the place of, where the list has it.
export function versionBefore(one: Document, all: readonly Document[]): Document | undefined {
  const past = all.filter(
    (other) =>
      other.id !== one.id &&
      other.state === "ready" &&
      (one.series ? other.series === one.series : other.superseded_by === one.id) &&
      later(other, one) < 0,
  );
  return past.sort(later).at(-1);
}

export interface Part {
  readonly heading: string;
  readonly changes: readonly api.Change[];
}

// byHeading puts changes under their headings, in the order of the text. A
// title stands above all of a document, often with its year: without it a
// section is the same in both versions.
export function byHeading(changes: readonly api.Change[], titles: readonly string[] = []): Part[] {
  const parts: { heading: string; changes: api.Change[] }[] = [];
  for (const change of changes) {
    const title = titles.find((one) => change.heading.startsWith(`${one} > `));
    const heading = title ? change.heading.slice(title.length + 3) : change.heading;
    const last = parts.at(-1);
    if (last?.heading === heading) last.changes.push(change);
    else parts.push({ heading, changes: [change] });
  }
  return parts;
}

// Cut is a text taken apart at what another one does not share with it.
export type Cut = readonly [before: string, own: string, after: string];

// cuts takes two texts apart, between words.
export function cuts(a: string, b: string): readonly [Cut, Cut] {
  const x = a.split(/(\s+)/);
  const y = b.split(/(\s+)/);
  const most = Math.min(x.length, y.length);
  let first = 0;
  while (first < most && x[first] === y[first]) first++;
  let last = 0;
  while (last < most - first && x.at(-1 - last) === y.at(-1 - last)) last++;
  const cut = (words: readonly string[]): Cut => {
    const end = words.length - last;
    return [words.slice(0, first).join(""), words.slice(first, end).join(""), words.slice(end).join("")];
  };
  return [cut(x), cut(y)];
}
