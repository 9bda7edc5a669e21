import { m } from "@/messages/gen/messages.js";
import { sentence } from "@/state/sentences";

// Reading says that a list is on its way, or why it did not come.
export function Reading({
  query,
}: {
  readonly query: { readonly isPending: boolean; readonly isError: boolean; readonly error: unknown };
}) {
  if (query.isError) {
    return (
      <p role="alert" className="trouble">
        {sentence(query.error)}
      </p>
    );
  }
  if (!query.isPending) return null;
  return (
    <p role="status" aria-busy="true" className="text-ink-3">
      {m.loading()}
    </p>
  );
}
