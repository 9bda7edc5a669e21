import { answer, client } from "./transport";
import type { components, operations } from "./types.gen";

// The calls of the page that watches the box; docs/contracts.md, "Watching the
// box", says what the fields mean. In series a figure that is not known is null.

type Schemas = components["schemas"];

export type HistoryMark = Schemas["Mark"];
export type Latency = Schemas["LatencyView"];
export type LatencyTotal = Schemas["Total"];
export type MachineHistory = Schemas["MachineView"];
export type RequestPage = Schemas["RequestsView"];
export type RequestRow = Schemas["RequestRow"];
export type Usage = Schemas["Report"];
export type UsageCounts = Pick<
  Usage["total"],
  "requests" | "failed" | "prompt_tokens" | "cached_tokens" | "output_tokens"
>;

export type LatencyFilter = Pick<Query<"getLatency">, "model" | "route" | "class">;
export type RequestFilter = Pick<Query<"listRequests">, "model" | "route" | "class" | "status" | "who">;

type Query<Name extends keyof operations> = NonNullable<operations[Name]["parameters"]["query"]>;

export const getAttention = () => answer(client.GET("/api/v1/attention"));
export const getEngine = (signal: AbortSignal) => answer(client.GET("/api/v1/engine", { signal }));

export const getSamples = (seconds: number, signal: AbortSignal) =>
  answer(client.GET("/api/v1/monitor", { params: { query: { seconds } }, signal }));
export const getMachine = (minutes: number, signal: AbortSignal) =>
  answer(client.GET("/api/v1/monitor/machine", { params: { query: { minutes } }, signal }));
export const getLatency = (minutes: number, filter: LatencyFilter, signal: AbortSignal) =>
  answer(client.GET("/api/v1/monitor/latency", { params: { query: { minutes, ...filter } }, signal }));
export const getMarks = (minutes: number, signal: AbortSignal) =>
  answer(client.GET("/api/v1/monitor/marks", { params: { query: { minutes } }, signal }));

export const getRequests = (filter: RequestFilter, before: string, limit: number, signal: AbortSignal) =>
  answer(client.GET("/api/v1/requests", { params: { query: { limit, before, ...filter } }, signal }));

export const getUsage = (days: number, signal: AbortSignal) =>
  answer(client.GET("/api/v1/usage", { params: { query: { days } }, signal }));

// requestsFile is the address of the same as a file, all of it.
export function requestsFile(filter: RequestFilter): string {
  const fields = new URLSearchParams(filter).toString();
  return `/api/v1/requests.csv${fields && `?${fields}`}`;
}
