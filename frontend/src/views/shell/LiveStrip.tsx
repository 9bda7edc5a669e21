import type { Sample } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { useModels } from "@/state/hooks";
import { working } from "@/state/monitor/glance";
import { bytes, integer, rate } from "@/state/numbers";
import { useStore } from "@/state/store";

// LiveStrip is one quiet line about the machine: is it there, what is loaded,
// on what, how busy, how fast answers are written.
export function LiveStrip({ onDevice }: { readonly onDevice?: () => void }) {
  const stream = useStore((state) => state.stream);
  const speed = useStore((state) => state.speed);
  const machine = useStore((state) => state.machine);
  const { data } = useModels();
  const status = data?.status;
  const connected = stream === "open";
  // While answers are written, their speed; then that of the last one.
  const now = connected && machine?.engine?.active ? machine.engine.tokens_per_sec : undefined;
  const shown = now ?? speed;
  const tone = !connected ? "lost" : status?.ready ? "ready" : "waiting";
  return (
    <section className="strip" aria-label={m.strip()}>
      <span className="strip-state" data-tone={tone}>
        {!connected ? m.strip_lost() : status?.ready ? m.strip_ready() : status?.reason || m.strip_waiting()}
      </span>
      {connected && status?.model && <span className="strip-wide">{status.model}</span>}
      {connected && status?.device && <Device name={status.device} onDevice={onDevice} />}
      {connected && status !== undefined && status.active > 0 && (
        <span className="strip-count">{m.strip_active({ n: String(status.active) })}</span>
      )}
      {connected && status !== undefined && status.queued > 0 && (
        <span className="strip-count">{m.strip_queued({ n: String(status.queued) })}</span>
      )}
      <span className="strip-figures">
        {connected && machine && <Figures sample={machine} />}
        {shown !== null && <span>{m.tokens_per_second({ n: rate(shown) })}</span>}
      </span>
    </section>
  );
}

function Device({ name, onDevice }: { readonly name: string; readonly onDevice: (() => void) | undefined }) {
  if (!onDevice) return <span className="strip-wide">{name}</span>;
  return (
    <button type="button" className="strip-wide strip-link" title={m.device_why()} onClick={onDevice}>
      {name}
    </button>
  );
}

// Figures of the machine. One that is not known is left out.
function Figures({ sample }: { readonly sample: Sample }) {
  const { cpu, memory, gpus = [] } = sample;
  const missing = (...sources: string[]) => sample.unavailable?.some((one) => sources.includes(one.source));
  return (
    <>
      {missing("machine") && <span className="strip-bad">{m.strip_machine_unavailable()}</span>}
      {cpu && <span>{m.strip_cpu({ n: integer(cpu.percent) })}</span>}
      {memory && <span className="strip-wide">{m.strip_memory(sizes(memory.used_bytes, memory.total_bytes))}</span>}
      {missing("gpu", "cards") && <span className="strip-bad">{m.strip_gpu_unavailable()}</span>}
      {gpus.length > 0 && <Gpus gpus={gpus} />}
    </>
  );
}

// Gpus are one figure, however many there are: the mean of those that work for
// us and say how busy they are, and their memory together.
function Gpus({ gpus }: { readonly gpus: NonNullable<Sample["gpus"]> }) {
  const ours = working(gpus);
  const known = ours.flatMap((gpu) => gpu.utilization_percent ?? []);
  const lost = gpus.filter((gpu) => gpu.error).length;
  const sized = ours.filter((gpu) => gpu.memory_used_bytes !== undefined);
  const used = sum(sized.map((gpu) => gpu.memory_used_bytes));
  const total = sum(sized.map((gpu) => gpu.memory_total_bytes));
  return (
    <>
      {lost > 0 && <span className="strip-bad">{m.strip_gpu_lost({ n: String(lost) })}</span>}
      {known.length > 0 && <span>{m.strip_gpu({ n: integer(sum(known) / known.length) })}</span>}
      {total > 0 && <span className="strip-wide">{m.strip_gpu_memory(sizes(used, total))}</span>}
    </>
  );
}

const sum = (figures: readonly (number | undefined)[]) => figures.reduce<number>((all, one) => all + (one ?? 0), 0);
const sizes = (used: number, total: number) => ({ used: bytes(used), total: bytes(total) });
