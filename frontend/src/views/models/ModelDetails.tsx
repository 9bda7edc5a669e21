import { ChevronRight } from "lucide-react";
import type { Fit, Model } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { getLocale } from "@/messages/gen/runtime.js";
import { CopyButton } from "@/parts/CodeBlock";
import { isUsable } from "@/state/hooks";
import { bytes, integer } from "@/state/numbers";

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
      {model.fit && <Memory fit={model.fit} />}
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

function Memory({ fit }: { readonly fit: Fit }) {
  return (
    <div className="flex flex-col gap-2">
      <p className="text-ink-2">{fit.because}</p>
      {(fit.devices ?? []).length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable regions take focus
        <section className="overflow-x-auto" tabIndex={0} aria-label={m.model_memory()}>
          <table className="memory-table">
            <thead>
              <tr>
                <th scope="col">{m.model_memory()}</th>
                <th scope="col">{m.memory_layers()}</th>
                <th scope="col">{m.memory_weights()}</th>
                <th scope="col">{m.memory_cache()}</th>
                <th scope="col">{m.memory_work()}</th>
                <th scope="col">{m.memory_free()}</th>
              </tr>
            </thead>
            <tbody>
              {(fit.devices ?? []).map((device) => (
                <tr key={device.name}>
                  <th scope="row">{device.name === "host" ? m.memory_host() : device.name}</th>
                  <td>{integer(device.layers)}</td>
                  <td>{bytes(device.weights)}</td>
                  <td>{bytes(device.kv)}</td>
                  <td>{bytes(device.compute + device.process)}</td>
                  <td>{bytes(device.free)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {(fit.rejected ?? []).length > 0 && (
        <ul className="list-disc pl-5 text-ink-3">
          {(fit.rejected ?? []).map((reason) => (
            <li key={reason.code + reason.sentence}>{reason.sentence}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
