import type { Sample } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { firstToken, working } from "@/state/monitor/glance";
import { useLatency } from "@/state/monitor/hooks";
import { seconds } from "@/state/monitor/units";
import { bytes, integer, rate } from "@/state/numbers";
import { useStore } from "@/state/store";

const everybody = {};

// BigFigures is how the box does now. A figure that nobody knows is left out.
export function BigFigures({ sample }: { readonly sample: Sample | null }) {
  const last = useStore((state) => state.speed);
  const latency = useLatency(5, everybody);
  const first = firstToken(latency.data?.totals ?? []);
  const { engine, cpu, memory } = sample ?? {};
  const gpus = working(sample?.gpus ?? []);
  const speed = (engine?.active ? engine.tokens_per_sec : undefined) ?? last;
  const busy = gpus.flatMap((gpu) => gpu.utilization_percent ?? []);
  const sized = gpus.filter((gpu) => gpu.memory_used_bytes !== undefined && gpu.memory_total_bytes !== undefined);
  return (
    <section aria-label={m.glance()}>
      <dl className="glance">
        {engine && <Tile name={m.glance_active()} value={integer(engine.active)} />}
        {engine && <Tile name={m.glance_queued()} value={integer(engine.queued)} />}
        {speed !== null && (
          <Tile
            name={engine?.active ? m.glance_speed() : m.glance_speed_last()}
            value={rate(speed)}
            unit={m.unit_tokens()}
          />
        )}
        {first !== null && <Tile name={m.glance_first()} value={seconds(first)} note={m.glance_first_note()} />}
        {cpu && <Tile name={m.glance_cpu()} value={integer(cpu.percent)} unit="%" />}
        {memory && (
          <Tile
            name={m.glance_memory()}
            value={integer((100 * memory.used_bytes) / memory.total_bytes)}
            unit="%"
            note={m.glance_of({ used: bytes(memory.used_bytes), total: bytes(memory.total_bytes) })}
          />
        )}
        {busy.length > 0 && (
          <Tile name={m.glance_gpu({ n: integer(gpus.length) })} value={integer(mean(busy))} unit="%" />
        )}
        {sized.length > 0 && <Vram gpus={sized} />}
      </dl>
    </section>
  );
}

const sum = (all: readonly number[]) => all.reduce((total, one) => total + one, 0);
const mean = (all: readonly number[]) => sum(all) / all.length;

function Vram({ gpus }: { readonly gpus: ReturnType<typeof working> }) {
  const used = sum(gpus.map((gpu) => gpu.memory_used_bytes ?? 0));
  const total = sum(gpus.map((gpu) => gpu.memory_total_bytes ?? 0));
  return (
    <Tile
      name={m.glance_vram()}
      value={integer((100 * used) / total)}
      unit="%"
      note={m.glance_of({ used: bytes(used), total: bytes(total) })}
    />
  );
}

function Tile({
  name,
  value,
  unit,
  note,
}: {
  readonly name: string;
  readonly value: string;
  readonly unit?: string;
  readonly note?: string;
}) {
  return (
    <div className="glance-tile">
      <dt>{name}</dt>
      <dd>
        <span className="glance-value">{value}</span>
        {unit && <span className="glance-unit"> {unit}</span>}
        {note && <span className="glance-note">{note}</span>}
      </dd>
    </div>
  );
}
