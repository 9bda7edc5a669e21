import { problemOf } from "./problem";
import { answer, client, send } from "./transport";
import type { Sample } from "./types";

// The calls of the page that watches the box; docs/contracts.md, "Watching the
// box", says what the fields mean. In series a figure that is not known is null.

export interface MachineSeries {
  readonly name: string;
  readonly unit: string;
  readonly device?: string;
  readonly mean: readonly (number | null)[];
  readonly max: readonly (number | null)[];
}
export interface MachineHistory {
  readonly from: number;
  readonly to: number;
  readonly step_seconds: number;
  readonly times: readonly number[];
  readonly series: readonly MachineSeries[];
}

export interface LatencySeries {
  readonly name: string;
  readonly p50: readonly (number | null)[];
  readonly p95: readonly (number | null)[];
  readonly p99: readonly (number | null)[];
}
export interface Figure {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  readonly count: number;
}
export interface LatencyTotal {
  readonly model: string;
  readonly route: string;
  readonly class: string;
  readonly requests: number;
  readonly failed: number;
  readonly prompt_tokens: number;
  readonly cached_tokens: number;
  readonly output_tokens: number;
  readonly figures: Readonly<Record<string, Figure>>;
}
export interface Latency {
  readonly from: number;
  readonly to: number;
  readonly step_seconds: number;
  readonly times: readonly number[];
  readonly series: readonly LatencySeries[];
  readonly requests_per_hour: readonly (number | null)[];
  readonly totals: readonly LatencyTotal[];
}

export interface HistoryMark {
  readonly at: string;
  readonly kind: string;
  readonly text: string;
  readonly model?: string;
}

export interface RequestRow {
  readonly id: string;
  readonly at: string;
  readonly who: string;
  readonly model: string;
  readonly device: string;
  readonly route: string;
  readonly class: string;
  readonly status: string;
  readonly code?: string;
  readonly queue_ms: number;
  readonly first_token_ms?: number;
  readonly total_ms: number;
  readonly prompt_tokens: number;
  readonly cached_tokens: number;
  readonly output_tokens: number;
  readonly tokens_per_second?: number;
  readonly restarts: number;
}
export interface RequestPage {
  readonly requests: readonly RequestRow[];
  readonly next?: string;
}

export interface LatencyFilter {
  readonly model?: string;
  readonly route?: string;
  readonly class?: string;
}
export interface RequestFilter extends LatencyFilter {
  readonly status?: string;
  readonly who?: string;
}

export const getAttention = () => answer(client.GET("/api/v1/attention"));
export const getEngine = (signal?: AbortSignal) => answer(client.GET("/api/v1/engine", signal ? { signal } : {}));

export const getSamples = (seconds: number, signal?: AbortSignal) =>
  read<{ samples: readonly Sample[] }>("monitor", { seconds }, signal);
export const getMachine = (minutes: number, signal?: AbortSignal) =>
  read<MachineHistory>("monitor/machine", { minutes }, signal);
export const getLatency = (minutes: number, filter: LatencyFilter, signal?: AbortSignal) =>
  read<Latency>("monitor/latency", { minutes, ...filter }, signal);
export const getMarks = (minutes: number, signal?: AbortSignal) =>
  read<{ marks: readonly HistoryMark[] }>("monitor/marks", { minutes }, signal);

export const getRequests = (filter: RequestFilter, before: string, limit: number, signal?: AbortSignal) =>
  read<RequestPage>("requests", { limit, ...(before && { before }), ...filter }, signal);

// requestsFile is the address of the same as a file, all of it.
export const requestsFile = (filter: RequestFilter) => `/api/v1/requests.csv${query({ ...filter })}`;

type Query = Readonly<Record<string, string | number | undefined>>;

function query(fields: Query): string {
  const set = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, String(value)]],
  );
  return set.length === 0 ? "" : `?${new URLSearchParams(set)}`;
}

async function read<T>(path: string, fields: Query, signal: AbortSignal | undefined): Promise<T> {
  const response = await send(`/api/v1/${path}${query(fields)}`, signal ? { signal } : {});
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok || body === null) throw problemOf(response.ok ? 502 : response.status, body);
  return body as T;
}
