import { useMemo } from "react";
import type { EngineBody, Sample } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { useModels } from "@/state/hooks";
import { host, type Memory, memories, type Part } from "@/state/monitor/memory";
import { bytes, integer } from "@/state/numbers";

const names: Record<Part, () => string> = {
  weights: m.map_weights,
  everybody: m.map_everybody,
  conversation: m.map_conversation,
  key: m.map_key,
  user: m.map_user,
  request: m.map_request,
  forgotten: m.map_forgotten,
  used: m.map_used,
  cache_free: m.map_cache_free,
  compute: m.map_compute,
  process: m.map_process,
  others: m.map_others,
  free: m.map_free,
};

// With more devices than this their tables are folded.
const openUpTo = 4;

// MemoryMap shows what fills each memory: one bar a device, and a table of it.
export function MemoryMap({ engine, sample }: { readonly engine: EngineBody; readonly sample: Sample | null }) {
  const { data } = useModels();
  const models = data?.models;
  const all = useMemo(() => memories(models ?? [], engine, sample), [models, engine, sample]);
  if (all.length === 0) return null;
  return (
    <section aria-labelledby="map-title" className="panel">
      <h3 id="map-title">{m.map()}</h3>
      <p className="panel-quiet">{m.map_note()}</p>
      <div className="map-devices">
        {all.map((memory) => (
          <Device key={memory.name} memory={memory} open={all.length <= openUpTo} />
        ))}
      </div>
    </section>
  );
}

function Device({ memory, open }: { readonly memory: Memory; readonly open: boolean }) {
  const { parts, total, description } = memory;
  const whole = total ?? parts.reduce((sum, one) => sum + one.bytes, 0);
  const name = memory.name === host ? m.map_host() : memory.name;
  const title = [name, description].filter(Boolean).join(" · ");
  return (
    <div className="map-device">
      <div className="map-head">
        <h4>{title}</h4>
        {total !== undefined && <span className="panel-quiet">{bytes(total)}</span>}
      </div>
      <div className="map-bar" aria-hidden="true">
        {parts.map(({ part, bytes: size }) => (
          <span
            key={part}
            data-part={part}
            title={`${names[part]()}: ${bytes(size)}`}
            style={{ flexGrow: size / whole }}
          />
        ))}
      </div>
      <details open={open}>
        <summary>{m.map_figures()}</summary>
        <table className="map-table">
          <caption className="sr-only">{m.map_of({ name: title })}</caption>
          <thead className="sr-only">
            <tr>
              <th scope="col">{m.map_part()}</th>
              <th scope="col">{m.map_size()}</th>
              <th scope="col">{m.map_share()}</th>
            </tr>
          </thead>
          <tbody>
            {parts.map(({ part, bytes: size }) => (
              <tr key={part}>
                <th scope="row">
                  <span className="map-swatch" data-part={part} aria-hidden="true" />
                  {names[part]()}
                </th>
                <td>{bytes(size)}</td>
                <td>{share(size / whole)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </div>
  );
}

const share = (part: number) => (part < 0.01 ? m.map_below_one() : m.map_percent({ n: integer(part * 100) }));
