import { SlidersHorizontal } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import type { Model } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { isUsable, writes } from "@/state/hooks";
import { chooseModel, keepLoaded, loadModel, unloadModel } from "@/state/models";
import { bytes, duration, integer, rate } from "@/state/numbers";
import { FitLine, WontFit } from "../shell/ModelFit";
import { stateName } from "../shell/ModelPicker";
import { ModelDetails } from "./ModelDetails";
import { ModelSettingsDialog } from "./ModelSettingsDialog";

// ModelCard is one model with what can be done with it; children come below
// its facts.
export function ModelCard({ model, children }: { readonly model: Model; readonly children?: ReactNode }) {
  const title = useId();
  const facts = factsOf(model);
  return (
    <article className="model-card" data-state={model.state} aria-labelledby={title}>
      <header className="model-card-head">
        <div className="min-w-0 flex-1">
          <h3 id={title}>{model.id}</h3>
          {model.name !== model.id && <p className="text-sm text-ink-2">{model.name}</p>}
        </div>
        <span className="model-state" data-state={model.state}>
          <span className="dot" data-state={model.state} aria-hidden="true" />
          {stateName(model.state)}
        </span>
      </header>
      {facts.length > 0 && (
        <ul className="model-facts">
          {facts.map((fact) => (
            <li key={fact}>{fact}</li>
          ))}
        </ul>
      )}
      <div className="flex flex-col gap-1">
        {model.reason && (
          <p className={isUsable(model.state) ? "text-sm text-warn" : reasonLook(model)}>{model.reason}</p>
        )}
        {model.test && <p className="text-sm text-warn">{m.model_test()}</p>}
        {model.fit && <FitLine fit={model.fit} />}
        <SpeedLine model={model} />
      </div>
      {isUsable(model.state) && <Actions model={model} />}
      <ModelDetails model={model} />
      {children}
    </article>
  );
}

const reasonLook = (model: Model) => (model.state === "refused" ? "text-sm text-bad" : "text-sm text-ink-2");

function SpeedLine({ model }: { readonly model: Model }) {
  const { speed } = model;
  if (!speed) return null;
  const told = {
    rate: rate(speed.tokens_per_sec),
    first: duration(speed.first_token_ms),
    device: speed.device,
  };
  return (
    <p className="text-xs text-ink-3">
      {speed.answers === 1 ? m.model_speed_one(told) : m.model_speed({ ...told, n: integer(speed.answers) })}
    </p>
  );
}

// A longer one stands with the details.
const shortLicense = 24;

function factsOf(model: Model): string[] {
  const facts: string[] = [];
  if (model.parameters) facts.push(model.parameters);
  if (model.quant) facts.push(model.quant);
  if (model.size_bytes > 0) facts.push(bytes(model.size_bytes));
  if (model.architecture) facts.push(model.architecture);
  if (model.context > 0) facts.push(m.model_context({ tokens: integer(model.context) }));
  if (model.embeddings) facts.push(m.model_embeddings());
  else if (model.reranker) facts.push(m.model_reranker());
  else if (model.chat) facts.push(m.model_chat());
  else if (isUsable(model.state)) facts.push(m.model_no_chat());
  if (model.license && model.license.length <= shortLicense) facts.push(model.license);
  return facts;
}

function Actions({ model }: { readonly model: Model }) {
  const [dialog, setDialog] = useState<"settings" | "warning" | null>(null);
  const inMemory = ["loaded", "loading"].includes(model.state);
  const choose = () => (model.fit?.verdict === "wont_fit" ? setDialog("warning") : void chooseModel(model.id));
  const close = () => setDialog(null);
  return (
    <div className="model-actions">
      {model.default ? (
        <span className="model-default">{m.model_is_default()}</span>
      ) : (
        writes(model) && <Button onClick={choose}>{m.model_use()}</Button>
      )}
      {inMemory ? (
        <Button onClick={() => void unloadModel(model.id)}>{m.model_unload()}</Button>
      ) : (
        model.state !== "draining" &&
        writes(model) && <Button onClick={() => void loadModel(model.id)}>{m.model_load()}</Button>
      )}
      <Button look="quiet" onClick={() => setDialog("settings")} aria-label={m.model_settings({ name: model.id })}>
        <SlidersHorizontal size={15} aria-hidden="true" />
        {m.settings()}
        {model.own_settings && <span className="own-mark" role="img" aria-label={m.model_own_settings()} />}
      </Button>
      <label className="model-keep">
        <input
          type="checkbox"
          checked={model.keep ?? false}
          onChange={(event) => void keepLoaded(model.id, event.target.checked)}
        />
        {m.model_keep()}
      </label>
      {dialog === "settings" && <ModelSettingsDialog model={model} onClose={close} />}
      {dialog === "warning" && model.fit && (
        <WontFit
          model={model}
          fit={model.fit}
          onClose={close}
          onChoose={() => {
            close();
            void chooseModel(model.id);
          }}
        />
      )}
    </div>
  );
}
