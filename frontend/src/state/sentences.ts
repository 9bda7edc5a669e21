import { asProblem } from "@/api/problem";
import { m } from "@/messages/gen/messages.js";

// sentence says what failed: the box's own words where it gave some.
export function sentence(thrown: unknown): string {
  const problem = asProblem(thrown);
  if (problem.unreachable) return m.error_unreachable();
  return problem.message || m.error_unknown({ status: String(problem.status) });
}
