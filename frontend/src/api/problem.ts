// Problem is a failure as the page shows it: a code for programs and a
// sentence for the person (RFC 9457 `detail`). status 0 means that the box
// could not be reached at all.
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  // The field of the request that was wrong, "" when none is named.
  readonly field: string;

  constructor(status: number, code: string, sentence: string, field = "") {
    super(sentence);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.field = field;
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
    const { code, detail, title, errors } = body as Record<string, unknown>;
    const sentence = typeof detail === "string" ? detail : typeof title === "string" ? title : "";
    const first: unknown = Array.isArray(errors) ? errors[0]?.field : undefined;
    return new Problem(
      status,
      typeof code === "string" ? code : "internal",
      sentence,
      typeof first === "string" ? first : "",
    );
  }
  return new Problem(status, "internal", "");
}

// asProblem turns whatever was thrown into a Problem.
export function asProblem(thrown: unknown): Problem {
  return thrown instanceof Problem ? thrown : new Problem(0, "unreachable", "");
}
