import { ChevronRight } from "lucide-react";
import type { Model } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { getLocale } from "@/messages/gen/runtime.js";
import { CopyButton } from "@/parts/CodeBlock";
import { isUsable } from "@/state/hooks";
import { integer } from "@/state/numbers";
import { MemoryPlan } from "./MemoryPlan";

// ModelDetails is what few people look for: memory by device, what the file
// says of itself, its hash.
export function ModelDetails({ model }: { readonly model: Model }) {
  const rows = rowsOf(model);
  if (rows.length === 0 && !model.fit && !isUsable(model.state)) return null;
  return (
    <details className="model-details">
      <summary>
        <ChevronRight size={14} aria-hidden="true" />
        {m.model_details()}
      </summary>
      {rows.length > 0 && (
        <dl className="model-rows">
          {rows.map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {isUsable(model.state) && <Hashes model={model} />}
      {model.fit && <MemoryPlan fit={model.fit} />}
    </details>
  );
}

function rowsOf(model: Model): [string, string][] {
  const rows: [string, string][] = [];
  if (model.device) rows.push([m.figure_device(), model.device]);
  if (model.slots) rows.push([m.model_slots(), integer(model.slots)]);
  if (model.languages?.length) rows.push([m.model_languages(), model.languages.map(languageName).join(", ")]);
  if (model.license) rows.push([m.model_license(), model.license]);
  if (model.adapters?.length) rows.push([m.model_adapters(), model.adapters.join(", ")]);
  return rows;
}

// languageName spells a code out, where it is one: files say what they like.
function languageName(code: string): string {
  try {
    return new Intl.DisplayNames([getLocale()], { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}

const shortHash = 12;

function Hashes({ model }: { readonly model: Model }) {
  const sums = model.sha256 ?? [];
  return (
    <div className="model-hash">
      <span className="text-ink-3">{m.model_hash()}</span>
      {sums.length === 0 ? (
        <span>{m.model_hash_pending()}</span>
      ) : (
        <>
          <code title={sums.join("\n")}>{`${sums[0]?.slice(0, shortHash)}…`}</code>
          {sums.length > 1 && <span>{m.model_hash_parts({ n: integer(sums.length) })}</span>}
          <CopyButton text={sums.join("\n")} />
        </>
      )}
    </div>
  );
}
