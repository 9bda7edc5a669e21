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

// byHeading puts changes under their headings, in the order of the text.
export function byHeading(changes: readonly api.Change[]): Part[] {
  const parts: { heading: string; changes: api.Change[] }[] = [];
  for (const change of changes) {
    const last = parts.at(-1);
    if (last?.heading === change.heading) last.changes.push(change);
    else parts.push({ heading: change.heading, changes: [change] });
  }
  return parts;
}
