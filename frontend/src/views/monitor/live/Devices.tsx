import type { Sample } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { gpuName } from "@/state/monitor/series";
import { written } from "@/state/monitor/units";
import { bytes, integer } from "@/state/numbers";
import { Bar, Fact } from "./Bar";

type Gpu = NonNullable<Sample["gpus"]>[number];

// Devices are the machine and its cards, as the sensors tell them. What has no
// sensor has no line.
export function Devices({ sample }: { readonly sample: Sample }) {
  const { gpus = [], unavailable = [] } = sample;
  return (
    <section aria-labelledby="devices-title" className="panel">
      <h3 id="devices-title">{m.devices()}</h3>
      {unavailable.map((one) => (
        <p key={one.source} className="trouble">
          {one.source === "gpu" ? m.strip_gpu_unavailable() : m.strip_machine_unavailable()}
          {one.detail && `: ${one.detail}`}
        </p>
      ))}
      <div className="device-cards">
        <Machine sample={sample} />
        {gpus.map((gpu, index) => (
          <GpuCard key={gpu.uuid ?? index} gpu={gpu} name={gpuName(gpu.name, index)} />
        ))}
      </div>
    </section>
  );
}

function Machine({ sample }: { readonly sample: Sample }) {
  const { cpu, memory, disk, engine } = sample;
  if (!cpu && !memory && !disk) return null;
  return (
    <article className="device-card" aria-labelledby="machine-title">
      <h4 id="machine-title">{m.device_machine()}</h4>
      {cpu && <Bar name={m.glance_cpu()} share={cpu.percent / 100} text={written("percent")(cpu.percent)} />}
      {memory && (
        <Bar
          name={m.glance_memory()}
          share={memory.used_bytes / memory.total_bytes}
          text={m.glance_of({ used: bytes(memory.used_bytes), total: bytes(memory.total_bytes) })}
        />
      )}
      {disk && (
        <Bar
          name={m.device_disk()}
          share={1 - disk.free_bytes / disk.total_bytes}
          text={m.device_disk_free({ free: bytes(disk.free_bytes), total: bytes(disk.total_bytes) })}
        />
      )}
      <dl className="device-facts">
        {cpu?.steal_percent ? <Fact name={m.device_steal()} text={written("percent")(cpu.steal_percent)} /> : null}
        {engine?.worker?.cpu_percent !== undefined && (
          <Fact name={m.device_worker_cpu()} text={written("percent")(engine.worker.cpu_percent)} />
        )}
        {engine?.worker && <Fact name={m.device_worker_memory()} text={bytes(engine.worker.resident_bytes)} />}
      </dl>
    </article>
  );
}

function GpuCard({ gpu, name }: { readonly gpu: Gpu; readonly name: string }) {
  const { memory_total_bytes: total, memory_used_bytes: used } = gpu;
  return (
    <article className="device-card" aria-label={name} data-bad={gpu.error ? true : undefined}>
      <h4>{name}</h4>
      {gpu.error && <p className="trouble">{m.device_gpu_error({ error: gpu.error })}</p>}
      {gpu.utilization_percent !== undefined && (
        <Bar
          name={m.device_busy()}
          share={gpu.utilization_percent / 100}
          text={m.map_percent({ n: integer(gpu.utilization_percent) })}
        />
      )}
      {total !== undefined && used !== undefined && (
        <Bar
          name={m.glance_vram()}
          share={used / total}
          text={m.glance_of({ used: bytes(used), total: bytes(total) })}
        />
      )}
      <dl className="device-facts">
        {gpu.temperature_celsius !== undefined && (
          <Fact name={m.device_temperature()} text={written("celsius")(gpu.temperature_celsius)} />
        )}
        {gpu.power_watts !== undefined && <Fact name={m.device_power()} text={written("watts")(gpu.power_watts)} />}
      </dl>
    </article>
  );
}
