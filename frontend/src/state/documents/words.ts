import type { Document, Flag, Source } from "@/api/documents";
import { m } from "@/messages/gen/messages.js";
import { getLocale } from "@/messages/gen/runtime.js";
import { integer } from "../numbers";

// What is said about documents and sources.

// day writes "2026-01-01" as people do; what is no day stays as it is.
export function day(iso: string): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(iso)) return iso;
  return new Intl.DateTimeFormat(getLocale(), { dateStyle: "long", timeZone: "UTC" }).format(new Date(iso));
}

export const today = () => new Date().toISOString().slice(0, 10);

export function inForce(effective: string | undefined, now = today()): string {
  if (!effective) return "";
  return (effective <= now ? m.in_force_since : m.in_force_from)({ day: day(effective) });
}

export const pagesOf = ({ page, page_end: end }: Pick<Source, "page" | "page_end">) =>
  !page
    ? ""
    : end && end > page
      ? m.pages_between({ from: integer(page), to: integer(end) })
      : m.page_n({ n: integer(page) });

export const nameOf = ({ title, document }: Pick<Source, "title" | "document">) => title || document;

const facts = (...all: readonly (string | undefined)[]) => all.filter(Boolean).join(", ");

// placeOf: "Handbook 2026, page 12".
export const placeOf = (source: Source) => facts(nameOf(source), pagesOf(source));

// factsOf: page, version and day of a source.
export const factsOf = (source: Pick<Source, "page" | "page_end" | "version" | "effective">) =>
  facts(pagesOf(source), source.version && m.version_named({ version: source.version }), inForce(source.effective));

// withSources is an answer as it is copied: with what proves it.
export function withSources(text: string, sources: readonly Source[]): string {
  const cited = sources.filter((source) => source.cited && !source.removed);
  if (cited.length === 0) return text;
  const lines = cited.map((source) => {
    const quote = (source.quote ?? "").replace(/\s+/g, " ").trim();
    const file = source.title && source.title !== source.document ? source.document : "";
    const place = facts(nameOf(source), file, factsOf(source));
    return `[${source.n}] ${quote ? m.quoted({ quote }) : ""} ${place}`.replace(/\s+/g, " ").trim();
  });
  return `${text.trim()}\n\n${m.sources()}:\n${lines.join("\n")}\n`;
}

export function flagText({ kind, page, note }: Flag): string {
  const text = flagKind(kind);
  return [page ? m.flag_on_page({ text, n: integer(page) }) : text, note].filter(Boolean).join(" · ");
}

function flagKind(kind: string): string {
  switch (kind) {
    case "hidden_text":
      return m.flag_hidden();
    case "metadata":
      return m.flag_metadata();
    case "scanned":
      return m.flag_scanned();
    case "ocr":
      return m.flag_ocr();
    case "truncated":
      return m.flag_truncated();
    case "active":
      return m.flag_active();
    default:
      return kind;
  }
}

export function stateText({ state }: Pick<Document, "state">): string {
  switch (state) {
    case "waiting":
      return m.document_waiting();
    case "reading":
      return m.document_reading();
    case "indexing":
      return m.document_indexing();
    case "ready":
      return m.document_ready();
    case "failed":
      return m.document_failed();
    case "duplicate":
      return m.document_duplicate();
    case "cancelled":
      return m.document_cancelled();
  }
}

// idFor makes a collection's short name of its title.
export const idFor = (title: string) =>
  title
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replaceAll("ß", "ss")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 64)
    .replace(/^-+|-+$/g, "");
