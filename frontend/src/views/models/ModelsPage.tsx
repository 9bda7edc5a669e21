import { Search } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { useFileDrop } from "@/parts/drop";
import { inWindow } from "@/state/desktop";
import { isUsable, useModels } from "@/state/hooks";
import { arranged } from "@/state/models";
import { sentence } from "@/state/sentences";
import { sendFiles } from "@/state/uploads";
import { Catalogue } from "./Catalogue";
import { CheckSettings } from "./GoldenEditor";
import { HouseCheck } from "./HouseCheck";
import { ModelCard } from "./ModelCard";
import { Uploads } from "./Uploads";

// How many cards are drawn at once: a folder may hold thousands of files.
const pageSize = 40;
const searchFrom = 6;

export function ModelsPage() {
  const models = useModels();
  const [query, setQuery] = useState("");
  const [shown, setShown] = useState(pageSize);
  // In the window the box itself copies what is dropped, so nothing is sent.
  const drop = useFileDrop((transfer) => !inWindow() && sendFiles(transfer.files));
  const all = models.data?.models ?? [];
  const found = arranged(all, useDeferredValue(query));
  return (
    <main className="models" aria-labelledby="models-title" {...drop}>
      <div className="models-column">
        <header className="models-head">
          <div>
            <h2 id="models-title">{m.models()}</h2>
            <p className="text-ink-2">{m.models_intro()}</p>
          </div>
          {all.length >= searchFrom && (
            <div className="search models-search">
              <Search size={15} aria-hidden="true" className="text-ink-3" />
              <input
                type="search"
                value={query}
                placeholder={m.model_find()}
                aria-label={m.model_find()}
                autoComplete="off"
                onChange={(event) => setQuery(event.target.value)}
              />
            </div>
          )}
        </header>
        <Uploads />
        {models.isError && !models.data && (
          <p role="alert" className="trouble">
            {sentence(models.error)}
          </p>
        )}
        {models.isPending && (
          <p role="status" aria-busy="true" className="text-ink-3">
            {m.models_loading()}
          </p>
        )}
        {models.data && all.length === 0 && (
          <p role="status" className="trouble">
            {m.models_none()}
          </p>
        )}
        {all.length > 0 && found.length === 0 && (
          <p role="status" className="text-ink-3">
            {m.model_not_found()}
          </p>
        )}
        <ul className="model-cards" aria-label={m.models()}>
          {found.slice(0, shown).map((model) => (
            <li key={model.id}>
              <ModelCard model={model}>
                {isUsable(model.state) && model.chat && <HouseCheck model={model.id} />}
              </ModelCard>
            </li>
          ))}
        </ul>
        {found.length > shown && (
          <Button look="quiet" className="self-center" onClick={() => setShown(shown + pageSize)}>
            {m.models_more({ n: found.length - shown })}
          </Button>
        )}
        <CheckSettings />
        <Catalogue />
      </div>
    </main>
  );
}
