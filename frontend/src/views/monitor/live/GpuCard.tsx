import type { Sample } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { gpuName } from "@/state/monitor/series";
import { written } from "@/state/monitor/units";
import { bytes, integer } from "@/state/numbers";
import { Bar, Fact } from "./Bar";

type Gpu = NonNullable<Sample["gpus"]>[number];

const percent = written("percent");
const celsius = written("celsius");
const watts = written("watts");
const hertz = written("hertz");
const speed = written("bytes/s");

// Why a card is slower than it could be.
const slowed: Readonly<Record<string, () => string>> = {
  thermal_hardware: m.throttle_thermal,
  thermal_software: m.throttle_thermal,
  power_brake: m.throttle_brake,
  power_cap: m.throttle_power,
  hardware: m.throttle_hardware,
  sync: m.throttle_sync,
  clocks_setting: m.throttle_setting,
  display: m.throttle_display,
};

export function GpuCard({ gpu, number }: { readonly gpu: Gpu; readonly number: number }) {
  const name = gpuName(gpu.name, number);
  const { memory_total_bytes: total, memory_used_bytes: used } = gpu;
  const reasons = [...new Set((gpu.throttle ?? []).map((code) => slowed[code]?.() ?? code))];
  const bad = gpu.error || gpu.xid !== undefined || (gpu.ecc_uncorrected ?? 0) > 0;
  return (
    <article className="device-card" aria-label={name} data-bad={bad ? true : undefined}>
      <h4>{name}</h4>
      {gpu.error && <p className="trouble">{m.device_gpu_error({ error: gpu.error })}</p>}
      {gpu.xid !== undefined && (
        <p className="trouble">{m.device_xid({ code: String(gpu.xid), n: integer(gpu.xid_count ?? 1) })}</p>
      )}
      {reasons.length > 0 && <p className="device-slowed">{m.device_slowed({ why: reasons.join(", ") })}</p>}
      {gpu.utilization_percent !== undefined && (
        <Bar name={m.device_busy()} share={gpu.utilization_percent / 100} text={percent(gpu.utilization_percent)} />
      )}
      {total !== undefined && used !== undefined && (
        <Bar
          name={m.glance_vram()}
          share={used / total}
          text={m.glance_of({ used: bytes(used), total: bytes(total) })}
        />
      )}
      <dl className="device-facts">
        <Fact
          name={m.device_temperature()}
          text={limited(gpu.temperature_celsius, gpu.temperature_limit_celsius, celsius)}
        />
        <Fact name={m.device_power()} text={limited(gpu.power_watts, gpu.power_limit_watts, watts)} />
        <Fact name={m.device_clock()} text={limited(gpu.clock_hertz, gpu.clock_max_hertz, hertz)} />
        <Fact name={m.device_memory_clock()} text={limited(gpu.memory_clock_hertz, undefined, hertz)} />
        <Fact name={m.device_memory_busy()} text={limited(gpu.memory_utilization_percent, undefined, percent)} />
        <Fact name={m.device_fan()} text={limited(gpu.fan_percent, undefined, percent)} />
        <Fact name={m.device_state()} text={gpu.performance_state} />
        <Fact name={m.device_ecc()} text={errorsOf(gpu)} />
        <Fact name={m.device_pcie()} text={pcieOf(gpu)} />
        <Fact name={m.device_pcie_in()} text={limited(gpu.pcie_receive_bytes_per_second, undefined, speed)} />
        <Fact name={m.device_pcie_out()} text={limited(gpu.pcie_transmit_bytes_per_second, undefined, speed)} />
      </dl>
      <Processes gpu={gpu} name={name} />
    </article>
  );
}

function limited(value: number | undefined, limit: number | undefined, write: (value: number) => string) {
  if (value === undefined) return undefined;
  return limit === undefined ? write(value) : m.device_of_limit({ value: write(value), limit: write(limit) });
}

function errorsOf({ ecc_corrected: mended, ecc_uncorrected: not }: Gpu): string | undefined {
  if (mended === undefined && not === undefined) return undefined;
  return m.device_ecc_text({ mended: integer(mended ?? 0), not: integer(not ?? 0) });
}

function pcieOf({ pcie_generation: generation, pcie_width: width }: Gpu): string | undefined {
  if (generation === undefined || width === undefined) return undefined;
  return m.device_pcie_text({ generation: integer(generation), width: integer(width) });
}

function Processes({ gpu, name }: { readonly gpu: Gpu; readonly name: string }) {
  const all = [...(gpu.processes ?? [])].sort((a, b) => (b.memory_bytes ?? 0) - (a.memory_bytes ?? 0));
  if (all.length === 0) return null;
  return (
    <table className="map-table">
      <caption className="sr-only">{m.device_processes({ name })}</caption>
      <thead>
        <tr>
          <th scope="col">{m.device_process()}</th>
          <th scope="col" className="is-number">
            {m.glance_memory()}
          </th>
        </tr>
      </thead>
      <tbody>
        {all.map((one) => (
          <tr key={one.pid}>
            <th scope="row">
              {one.worker
                ? m.device_process_ours({ pid: String(one.pid) })
                : m.device_process_other({ pid: String(one.pid) })}
            </th>
            <td>{one.memory_bytes === undefined ? m.chart_unknown() : bytes(one.memory_bytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
