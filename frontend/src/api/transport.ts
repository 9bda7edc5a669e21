import createClient from "openapi-fetch";
import { asProblem, Problem, problemOf } from "./problem";
import type { paths } from "./types.gen";

// Where the box is. In a browser the page comes from the box itself: base is
// empty and the cookie signs in. In the window the page comes from wails://,
// so base is the loopback server and token is sent as a bearer token (cookies
// do not stick there).
export interface Endpoint {
  readonly base: string;
  readonly token?: string;
  // Where the window was when its last page was lost ("#/c/...").
  readonly open?: string;
  readonly kiosk?: Kiosk;
}

// Kiosk: a screen that everybody may use. pin: whether a PIN can end it.
// collection: the documents that it answers from.
export interface Kiosk {
  readonly idle_seconds: number;
  readonly pin: boolean;
  readonly collection?: string;
}

let endpoint: Endpoint = { base: "" };

interface WailsWindow {
  go?: { window?: { App?: { Endpoint?: () => Promise<Endpoint> } } };
}

// findEndpoint asks the window for its endpoint, when there is a window.
export async function findEndpoint(): Promise<void> {
  const ask = (window as WailsWindow).go?.window?.App?.Endpoint;
  if (!ask) return;
  endpoint = await ask();
  if (endpoint.open?.startsWith("#/")) location.replace(endpoint.open);
}

export const kioskOf = (): Kiosk | null => endpoint.kiosk ?? null;

// endpointOf is for requests that send cannot make.
export const endpointOf = (): Readonly<Endpoint> => endpoint;

// send is fetch to the box, with the sign-in of this page.
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (endpoint.token) headers.set("Authorization", `Bearer ${endpoint.token}`);
  try {
    return await fetch(endpoint.base + path, {
      ...init,
      headers,
      credentials: endpoint.token ? "omit" : "same-origin",
      cache: "no-store",
    });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw asProblem(cause);
  }
}

export const client = createClient<paths>({
  // The document's own address stands in for the box; send puts in the real
  // one, which is known only after the window was asked.
  baseUrl: location.origin,
  fetch: async (request) => {
    const { pathname, search } = new URL(request.url);
    const body = await request.text();
    return send(pathname + search, {
      method: request.method,
      headers: request.headers,
      signal: request.signal,
      ...(body === "" ? {} : { body }),
    });
  },
});

interface Outcome<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

// answer gives what a call brought, or throws its Problem.
export async function answer<T>(call: Promise<Outcome<T>>): Promise<T> {
  let outcome: Outcome<T>;
  try {
    outcome = await call;
  } catch (cause) {
    // A body that is not JSON came from something other than the box.
    throw cause instanceof SyntaxError ? new Problem(502, "internal", "") : cause;
  }
  if (!outcome.response.ok) throw problemOf(outcome.response.status, outcome.error);
  return outcome.data as T;
}
