import { Link } from "wouter";
import type { Collection } from "@/api/documents";
import { m } from "@/messages/gen/messages.js";
import { Arch } from "@/parts/Arch";
import { useCatalogue } from "@/state/checks";
import { isUsable, useModels, writes } from "@/state/hooks";
import { inKiosk } from "@/state/kiosk";
import { bytes } from "@/state/numbers";

// Welcome stands where nothing has been asked yet. documents: what the first
// question asks; suggestions of other things would only be refused.
export function Welcome({
  documents,
  onPick,
}: {
  readonly documents: Collection | null;
  readonly onPick: (text: string) => void;
}) {
  const { data } = useModels();
  const starters = [m.starter_explain(), m.starter_mail(), m.starter_list(), m.starter_table()];
  const pick = (text: string) => {
    onPick(text);
    document.getElementById("question")?.focus();
  };
  if (documents) {
    return (
      <div className="welcome">
        <Arch className="size-14" />
        <h2 className="text-2xl font-semibold tracking-tight text-balance">
          {m.welcome_documents({ title: documents.title || documents.id })}
        </h2>
        {documents.description && <p className="max-w-prose text-ink">{documents.description}</p>}
        <p className="max-w-prose text-ink-2">{m.welcome_documents_text()}</p>
      </div>
    );
  }
  return (
    <div className="welcome">
      <Arch className="size-14" />
      <h2 className="text-2xl font-semibold tracking-tight text-balance">{m.welcome()}</h2>
      <p className="max-w-prose text-ink-2">{m.welcome_text()}</p>
      {data && data.models.length === 0 ? (
        <p role="status" className="trouble">
          {data.status.reason || m.models_none()}
        </p>
      ) : (
        <ul className="starters">
          {starters.map((text) => (
            <li key={text}>
              <button type="button" onClick={() => pick(text)}>
                {text}
              </button>
            </li>
          ))}
        </ul>
      )}
      <Suggestion />
    </div>
  );
}

// Suggestion says which model would fit, while there is none but the one for
// trying.
function Suggestion() {
  const { data } = useModels();
  const none = data?.models.every((model) => model.test || !isUsable(model.state) || !writes(model)) ?? false;
  const wanted = none && !inKiosk();
  const catalogue = useCatalogue(wanted).data;
  const row = catalogue?.rows.find(({ id }) => id === catalogue.recommended);
  if (!wanted || !row) return null;
  return (
    <p className="text-sm text-ink-3">
      {m.welcome_suggestion({ name: row.name, size: bytes(row.bytes) })}{" "}
      <Link href="/models" className="link">
        {m.catalogue()}
      </Link>
    </p>
  );
}
