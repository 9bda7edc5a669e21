import type { Block } from "@/api/documents";

// Where a quote stands in a document. A quote is literally from its passage,
// but a passage is of several blocks, and white space differs.

export interface Range {
  readonly start: number;
  readonly end: number;
}

// quoted gives the part of each block, by its number, that a quote covers. The
// blocks are those from..to (inclusive). Nothing: the quote is not there.
export function quoted(blocks: readonly Block[], from: number, to: number, quote: string): ReadonlyMap<number, Range> {
  const found = new Map<number, Range>();
  const wanted = squeezed(quote).text;
  if (wanted === "") return found;
  let joined = "";
  const at: { readonly block: number; readonly offset: number }[] = [];
  for (let block = Math.max(0, from); block <= Math.min(to, blocks.length - 1); block++) {
    const { text, places } = squeezed(blocks[block]?.text ?? "");
    joined += text;
    for (const offset of places) at.push({ block, offset });
  }
  const start = joined.indexOf(wanted);
  if (start < 0) return found;
  for (const { block, offset } of at.slice(start, start + wanted.length)) {
    const old = found.get(block);
    found.set(block, { start: old?.start ?? offset, end: offset + 1 });
  }
  return found;
}

// squeezed leaves white space out, and says where each code unit stood.
function squeezed(text: string): { readonly text: string; readonly places: readonly number[] } {
  const places: number[] = [];
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const unit = text[i] ?? "";
    // Soft hyphens and zero-width characters are not seen either.
    if (/[\s\u00AD\u200B-\u200D\uFEFF]/.test(unit)) continue;
    out += unit;
    places.push(i);
  }
  return { text: out, places };
}

export interface Group {
  readonly kind: "heading" | "text" | "item" | "table" | "note" | "page";
  readonly page: number;
  // Numbers of the blocks in it; a table and a list have several.
  readonly blocks: readonly number[];
}

// grouped joins rows to tables and items to lists, and says where pages begin.
export function grouped(blocks: readonly Block[], from: number, to: number): Group[] {
  const groups: Group[] = [];
  let page = 0;
  for (let i = from; i < to; i++) {
    const block = blocks[i];
    if (!block) continue;
    if (block.page && block.page !== page) {
      page = block.page;
      groups.push({ kind: "page", page, blocks: [] });
    }
    const kind = kindOf(block);
    const last = groups.at(-1);
    const before = blocks[last?.blocks.at(-1) ?? -1];
    const joins = last?.kind === kind && (kind === "item" || (kind === "table" && before?.table === block.table));
    if (last && joins) groups[groups.length - 1] = { ...last, blocks: [...last.blocks, i] };
    else groups.push({ kind, page, blocks: [i] });
  }
  return groups;
}

function kindOf({ kind }: Block): Group["kind"] {
  if (kind === "heading" || kind === "item" || kind === "note") return kind;
  return kind === "row" ? "table" : "text";
}
