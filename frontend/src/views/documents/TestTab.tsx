import { Search } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { Collection, Found } from "@/api/documents";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { usePassages } from "@/state/documents/collections";
import { rate } from "@/state/numbers";
import { sentence } from "@/state/sentences";
import { Decision, PassageList } from "../sources/LookedAt";

// Ways tells by what and how quickly was found.
function Ways({ found }: { readonly found: Found }) {
  const { reason, terms, times } = found;
  const told = [
    terms && terms.length > 0 && m.test_terms({ terms: terms.join(", ") }),
    times &&
      m.test_times({
        text: rate(times.text_ms),
        embed: rate(times.embed_ms),
        vector: rate(times.vector_ms),
      }),
  ].filter(Boolean);
  return (
    <div className="text-sm text-ink-3">
      {reason && <p className="text-warn">{reason}</p>}
      {told.length > 0 && <p>{told.join(" · ")}</p>}
    </div>
  );
}

// TestTab shows what a question finds, and what would be decided. No model is
// asked.
export function TestTab({ collection }: { readonly collection: Collection }) {
  const [text, setText] = useState("");
  const [asOf, setAsOf] = useState("");
  const [asked, setAsked] = useState({ q: "", asOf: "" });
  const found = usePassages(collection.id, asked.q, asked.asOf);
  const run = (event: FormEvent) => {
    event.preventDefault();
    const next = { q: text.trim(), asOf };
    if (next.q === asked.q && next.asOf === asked.asOf) void found.refetch();
    else setAsked(next);
  };
  return (
    <section className="flex flex-col gap-4" aria-label={m.collection_test()}>
      <p className="text-sm text-ink-2">{m.test_text()}</p>
      <form className="test-form" onSubmit={run}>
        <input
          className="field min-w-0 grow basis-72"
          value={text}
          placeholder={m.test_placeholder()}
          aria-label={m.test_question()}
          onChange={(event) => setText(event.target.value)}
        />
        <label className="flex items-center gap-2 text-sm text-ink-2">
          {m.as_of_label()}
          <input type="date" className="field" value={asOf} onChange={(event) => setAsOf(event.target.value)} />
        </label>
        <Button type="submit" look="solid" disabled={text.trim() === ""}>
          <Search size={15} aria-hidden="true" />
          {m.test_run()}
        </Button>
      </form>
      {found.isFetching && (
        <p role="status" aria-busy="true" className="text-sm text-ink-3">
          {m.test_running()}
        </p>
      )}
      {found.isError && (
        <p role="alert" className="trouble">
          {sentence(found.error)}
        </p>
      )}
      {found.data && (
        <div className="test-result" role="status">
          {found.data.grounding && <Decision grounding={found.data.grounding} />}
          <Ways found={found.data} />
          <PassageList sources={found.data.passages ?? []} />
        </div>
      )}
    </section>
  );
}
