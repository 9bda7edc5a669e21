import type { Sample } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { numbered } from "@/state/monitor/series";
import { GpuCard } from "./GpuCard";
import { MachineCard } from "./MachineCard";

const silent: Readonly<Record<string, () => string>> = {
  machine: m.strip_machine_unavailable,
  board: m.board_unavailable,
  disk: m.disk_unavailable,
};

// Devices are the machine and its cards, as the sensors tell them. What has no
// sensor has no line.
export function Devices({ sample }: { readonly sample: Sample }) {
  const { gpus = [], unavailable = [] } = sample;
  return (
    <section aria-labelledby="devices-title" className="panel">
      <h3 id="devices-title">{m.devices()}</h3>
      {unavailable.map((one) => (
        <p key={one.source} className="trouble">
          {(silent[one.source] ?? m.strip_gpu_unavailable)()}
          {one.detail && `: ${one.detail}`}
        </p>
      ))}
      <div className="device-cards">
        <MachineCard sample={sample} />
        {numbered(gpus).map(({ gpu, number }) => (
          <GpuCard key={gpu.uuid ?? `${gpu.vendor} ${number}`} gpu={gpu} number={number} />
        ))}
      </div>
    </section>
  );
}
