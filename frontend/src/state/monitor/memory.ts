import type { EngineBody, Model, Sample } from "@/api/types";

// What fills each memory of the machine. Pure. Bytes; models' parts are what
// was planned when they were loaded.

export type Part =
  | "weights"
  | "everybody"
  | "conversation"
  | "key"
  | "user"
  | "request"
  | "forgotten"
  | "used"
  | "cache_free"
  | "compute"
  | "process"
  | "others"
  | "free";

export interface Memory {
  readonly name: string;
  // The card's own name, where there is one.
  readonly description?: string | undefined;
  // Absent where nobody tells it.
  readonly total?: number | undefined;
  readonly parts: readonly { readonly part: Part; readonly bytes: number }[];
}

const order: readonly Part[] = [
  ...(["weights", "everybody", "conversation", "key", "user", "request", "forgotten", "used"] as const),
  ...(["cache_free", "compute", "process", "others", "free"] as const),
];

export const host = "host";

// memories gives one for each device that a loaded model lies on, the machine's
// own first.
export function memories(models: readonly Model[], engine: EngineBody, sample: Sample | null): Memory[] {
  const found = new Map<string, Map<Part, number>>();
  for (const loaded of engine.status.loaded) {
    const fit = models.find((model) => model.id === loaded.model)?.fit;
    if (!fit) continue;
    for (const device of fit.devices) {
      const parts = found.get(device.name) ?? new Map<Part, number>();
      found.set(device.name, parts);
      const add = (part: Part, bytes: number) => parts.set(part, (parts.get(part) ?? 0) + bytes);
      add("weights", device.weights);
      add("compute", device.compute);
      add("process", device.process);
      const cells = loaded.cells || fit.cells || 0;
      const tree = loaded.model === engine.status.model ? engine.view?.tree : undefined;
      for (const [part, share] of shares(tree, cells, loaded.cells_used ?? 0)) add(part, device.kv * share);
    }
  }
  return [...found.entries()]
    .sort(([a], [b]) => Number(b === host) - Number(a === host) || a.localeCompare(b, undefined, { numeric: true }))
    .map(([name, parts]) => ({ name, ...withRest(parts, sizeOf(name, engine, sample)) }));
}

// shares says which part of the cache belongs to whom; without a tree only how
// much of it is used.
function shares(
  tree: readonly { readonly tokens: number; readonly label: string }[] | undefined,
  cells: number,
  used: number,
): Map<Part, number> {
  const parts = new Map<Part, number>();
  if (cells <= 0) return parts.set("used", 1);
  let rest = cells;
  const take = (part: Part, tokens: number) => {
    const n = Math.min(rest, Math.max(0, tokens));
    rest -= n;
    if (n > 0) parts.set(part, (parts.get(part) ?? 0) + n / cells);
  };
  if (tree) for (const node of tree) take(partOf(node.label), node.tokens);
  // What the tree does not list (it is cut at 128 runs) is used all the same.
  take("used", used - (cells - rest));
  parts.set("cache_free", rest / cells);
  return parts;
}

const owners: readonly string[] = ["everybody", "conversation", "key", "user", "request", "forgotten"];
const partOf = (label: string): Part => (owners.includes(label) ? (label as Part) : "used");

interface Size {
  readonly total?: number | undefined;
  readonly used?: number | undefined;
  readonly description?: string | undefined;
}

function withRest(parts: Map<Part, number>, size: Size): Omit<Memory, "name"> {
  const ours = [...parts.values()].reduce((sum, bytes) => sum + bytes, 0);
  const { total, used, description } = size;
  if (total !== undefined && used !== undefined) {
    parts.set("others", Math.max(0, Math.min(total, used) - ours));
    parts.set("free", Math.max(0, total - Math.max(used, ours)));
  }
  const kept = order.flatMap((part) => {
    const bytes = parts.get(part) ?? 0;
    return bytes > 0 ? [{ part, bytes }] : [];
  });
  return { description, total, parts: kept };
}

// sizeOf finds what the sensors say of a device: the n-th card of its name.
function sizeOf(name: string, { status }: EngineBody, sample: Sample | null): Size {
  if (name === host) return { total: sample?.memory?.total_bytes, used: sample?.memory?.used_bytes };
  const devices = (status.devices ?? []).filter((one) => one.kind !== "software");
  const device = devices.find((one) => one.name === name);
  if (!device) return {};
  const { description } = device;
  const alike = devices.filter((one) => one.description === description && one.backend === device.backend);
  const cards = (sample?.gpus ?? []).filter((gpu) => gpu.name === description);
  // The engine may be kept from some of them: then nobody knows which is which.
  const card = cards.length === alike.length ? cards[alike.indexOf(device)] : undefined;
  if (card?.memory_total_bytes === undefined) return { total: device.total || undefined, description };
  return { total: card.memory_total_bytes, used: card.memory_used_bytes, description };
}
