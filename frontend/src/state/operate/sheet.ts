import type { Sheet } from "@/api/operate";
import { readNumber } from "./money";

// The price sheet as it is edited: numbers are texts until it is saved. Pure.

type Own = Sheet["own"];
export type OwnField = keyof Own;
export type Kind = "cloud" | "managed";
type Cloud = Sheet["cloud"][number];
type Managed = Sheet["managed"][number];

export interface RowDraft {
  readonly id: string;
  readonly name: string;
  readonly gpu: string;
  readonly example: boolean;
  readonly asOf: string;
  // hour; or input, cached_input, output
  readonly prices: Readonly<Record<string, string>>;
}

export interface SheetDraft {
  readonly currency: string;
  readonly own: Readonly<Record<OwnField, string>>;
  readonly cloud: readonly RowDraft[];
  readonly managed: readonly RowDraft[];
}

const most = 1e9;
export const ownFields: readonly { readonly name: OwnField; readonly most: number; readonly whole: boolean }[] = [
  { name: "purchase", most, whole: false },
  { name: "years", most: 30, whole: true },
  { name: "watts", most: 100_000, whole: true },
  { name: "other_watts", most: 100_000, whole: true },
  { name: "kwh", most, whole: false },
  { name: "admin_hours", most: 744, whole: true },
  { name: "admin_hour", most, whole: false },
];
export const priceFields = { cloud: ["hour"], managed: ["input", "cached_input", "output"] } as const;

export function draftOf(sheet: Sheet): SheetDraft {
  const own = Object.fromEntries(ownFields.map(({ name }) => [name, String(sheet.own[name])]));
  return {
    currency: sheet.currency,
    own: own as SheetDraft["own"],
    cloud: sheet.cloud.map((row) => rowDraft(row, row.gpu, { hour: String(row.hour) })),
    managed: sheet.managed.map((row) =>
      rowDraft(row, "", {
        input: String(row.input),
        cached_input: String(row.cached_input),
        output: String(row.output),
      }),
    ),
  };
}

const rowDraft = (row: Cloud | Managed, gpu: string, prices: RowDraft["prices"]): RowDraft => ({
  id: row.id,
  name: row.name,
  gpu,
  example: row.example,
  asOf: row.as_of,
  prices,
});

// Wrong names the field that cannot be read: "own.kwh", "cloud.0.hour".
export type Read =
  | { readonly sheet: Sheet; readonly wrong?: undefined }
  | { readonly wrong: string; readonly sheet?: undefined };

export function readSheet(draft: SheetDraft): Read {
  const currency = draft.currency.trim().toUpperCase();
  if (!/^[A-Z]{3}$/.test(currency)) return { wrong: "currency" };
  const own: Partial<Own> = {};
  for (const field of ownFields) {
    const value = readNumber(draft.own[field.name], field.name === "years" ? 1 : 0, field.most, field.whole);
    if (value === null) return { wrong: `own.${field.name}` };
    own[field.name] = value;
  }
  const rows = { cloud: [] as Cloud[], managed: [] as Managed[] };
  for (const kind of ["cloud", "managed"] as const) {
    for (const [index, row] of draft[kind].entries()) {
      if (row.name.trim() === "") return { wrong: `${kind}.${index}.name` };
      const prices: Record<string, number> = {};
      for (const field of priceFields[kind]) {
        const value = readNumber(row.prices[field] ?? "", 0, most);
        if (value === null) return { wrong: `${kind}.${index}.${field}` };
        prices[field] = value;
      }
      const common = { id: row.id, name: row.name.trim(), example: row.example, as_of: row.asOf };
      if (kind === "cloud") rows.cloud.push({ ...common, gpu: row.gpu, hour: prices.hour ?? 0 });
      else
        rows.managed.push({
          ...common,
          input: prices.input ?? 0,
          cached_input: prices.cached_input ?? 0,
          output: prices.output ?? 0,
        });
    }
  }
  return { sheet: { currency, own: own as Own, ...rows } };
}

// A price that a person has changed is theirs: it is no example any more.
export function withPrice(draft: SheetDraft, kind: Kind, index: number, field: string, text: string): SheetDraft {
  const rows = draft[kind].map((row, at) =>
    at === index ? { ...row, prices: { ...row.prices, [field]: text }, example: false, asOf: "" } : row,
  );
  return { ...draft, [kind]: rows };
}

export const withName = (draft: SheetDraft, kind: Kind, index: number, name: string): SheetDraft => ({
  ...draft,
  [kind]: draft[kind].map((row, at) => (at === index ? { ...row, name } : row)),
});

// Without a class nobody knows how many of a GPU are needed.
export const withClass = (draft: SheetDraft, index: number, gpu: string): SheetDraft => ({
  ...draft,
  cloud: draft.cloud.map((row, at) => (at === index ? { ...row, gpu } : row)),
});

export const without = (draft: SheetDraft, kind: Kind, index: number): SheetDraft => ({
  ...draft,
  [kind]: draft[kind].filter((_, at) => at !== index),
});

export function withRow(draft: SheetDraft, kind: Kind): SheetDraft {
  const ids = new Set([...draft.cloud, ...draft.managed].map(({ id }) => id));
  let n = 1;
  while (ids.has(`own-${n}`)) n++;
  const prices = Object.fromEntries(priceFields[kind].map((field) => [field, "0"]));
  const row: RowDraft = { id: `own-${n}`, name: "", gpu: "", example: false, asOf: "", prices };
  return { ...draft, [kind]: [...draft[kind], row] };
}
