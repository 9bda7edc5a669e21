// Problem is a failure as the page shows it: a code for programs and a
// sentence for the person (RFC 9457 `detail`). status 0 means that the box
// could not be reached at all.
export class Problem extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, sentence: string) {
    super(sentence);
    this.name = "Problem";
    this.status = status;
    this.code = code;
  }

  // unreachable: nothing is known about whether the request arrived.
  get unreachable(): boolean {
    return this.status === 0;
  }

  get signedOut(): boolean {
    return this.status === 401;
  }

  // True when the same request may succeed later without a change.
  get passing(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 504;
  }
}

// problemOf reads the body of a failed response. A body that is not a problem
// document (a proxy's page, say) gives an empty sentence; the caller has one.
export function problemOf(status: number, body: unknown): Problem {
  if (typeof body === "object" && body !== null) {
    const { code, detail, title } = body as Record<string, unknown>;
    const sentence = typeof detail === "string" ? detail : typeof title === "string" ? title : "";
    return new Problem(status, typeof code === "string" ? code : "internal", sentence);
  }
  return new Problem(status, "internal", "");
}

// asProblem turns whatever was thrown into a Problem.
export function asProblem(thrown: unknown): Problem {
  return thrown instanceof Problem ? thrown : new Problem(0, "unreachable", "");
}
