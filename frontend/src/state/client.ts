import { QueryCache, QueryClient, type QueryKey } from "@tanstack/react-query";
import { asProblem } from "@/api/problem";

// Server state lives in one query cache; the event stream writes into it, so
// nothing is read again by time.
export const queries: QueryClient = new QueryClient({
  // The sign-in ended (or was ended elsewhere): the sign-in page says so.
  queryCache: new QueryCache({
    onError: (error, query) => {
      if (asProblem(error).signedOut && query.queryKey[0] !== "session") {
        void queries.invalidateQueries({ queryKey: ["session"] });
      }
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      retry: (failures, error) => failures < 2 && asProblem(error).passing,
    },
    mutations: { retry: false },
  },
});

// readAgain reads what is shown again. A first reading that is on its way may be
// of before: invalidating would only wait for it, so it is begun anew.
export function readAgain(queryKey: QueryKey): Promise<void> {
  const first = queries.cancelQueries({ queryKey, predicate: ({ state }) => state.data === undefined });
  return first.then(() => queries.invalidateQueries({ queryKey }));
}

// alter changes what was read by what an event says. A reading that is on its way
// may be of before the event, and would undo it.
export function alter<T>(queryKey: QueryKey, change: (data: T) => T): void {
  const reading = queries.getQueryState(queryKey)?.fetchStatus === "fetching";
  queries.setQueryData<T>(queryKey, (data) => (data ? change(data) : data));
  if (reading) void readAgain(queryKey);
}

export const keys = {
  alerts: ["alerts"] as const,
  alertChannels: ["alert-channels"] as const,
  attention: ["attention"] as const,
  session: ["session"] as const,
  conversations: ["conversations"] as const,
  conversation: (id: string) => ["conversation", id] as const,
  capacity: (model: string) => ["capacity", model] as const,
  catalogue: ["catalogue"] as const,
  check: (model: string, current: string) => ["check", model, current] as const,
  collections: ["collections"] as const,
  cost: (days: number) => ["cost", days] as const,
  approved: (collection: string) => ["approved", collection] as const,
  changes: (before: string, after: string) => ["changes", before, after] as const,
  document: (id: string) => ["document", id] as const,
  documents: (collection: string, state: string, q: string) => ["documents", collection, state, q] as const,
  documentText: (id: string, chunk: string) => ["document-text", id, chunk] as const,
  gaps: (collection: string) => ["gaps", collection] as const,
  golden: ["golden"] as const,
  goldenAnswers: (collection: string) => ["golden-answers", collection] as const,
  goldenRuns: (collection: string) => ["golden-runs", collection] as const,
  inbox: (collection: string, state: string) => ["inbox", collection, state] as const,
  models: ["models"] as const,
  folder: ["folder"] as const,
  modelSettings: (id: string) => ["model-settings", id] as const,
  hardware: ["hardware"] as const,
  prices: ["prices"] as const,
  settings: ["settings"] as const,
  watched: (collection: string) => ["watched", collection] as const,
  passages: (collection: string, q: string, asOf: string) => ["passages", collection, q, asOf] as const,
  search: (q: string) => ["search", q] as const,
};
