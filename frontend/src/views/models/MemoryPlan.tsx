import type { Fit } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { bytes, integer } from "@/state/numbers";

// MemoryPlan is where a model lies, or would lie, and the better ways that do
// not work.
export function MemoryPlan({ fit }: { readonly fit: Fit }) {
  return (
    <div className="flex flex-col gap-2">
      <p className="text-ink-2">{fit.because}</p>
      {fit.devices.length > 0 && (
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
              {fit.devices.map((device) => (
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
        <div className="text-ink-3">
          <p>{m.memory_rejected()}</p>
          <ul className="list-disc pl-5">
            {(fit.rejected ?? []).map((reason) => (
              <li key={reason.code + reason.sentence}>{reason.sentence}</li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
