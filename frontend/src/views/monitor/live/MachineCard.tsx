import type { Sample } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { written } from "@/state/monitor/units";
import { bytes, integer, rate } from "@/state/numbers";
import { Bar, Fact } from "./Bar";

const percent = written("percent");
const speed = written("bytes/s");

const batteries: Readonly<Record<string, () => string>> = {
  charging: m.battery_charging,
  discharging: m.battery_discharging,
  full: m.battery_full,
};

export function MachineCard({ sample }: { readonly sample: Sample }) {
  const { cpu, memory, swap, disk } = sample;
  return (
    <article className="device-card" aria-labelledby="machine-title">
      <h4 id="machine-title">{m.device_machine()}</h4>
      {cpu && <Bar name={m.glance_cpu()} share={cpu.percent / 100} text={percent(cpu.percent)} />}
      {cpu?.cores_percent && <Cores cores={cpu.cores_percent} />}
      {memory && (
        <Bar
          name={m.glance_memory()}
          share={memory.used_bytes / memory.total_bytes}
          text={m.glance_of({ used: bytes(memory.used_bytes), total: bytes(memory.total_bytes) })}
        />
      )}
      {swap && swap.total_bytes > 0 && (
        <Bar
          name={m.device_swap()}
          share={swap.used_bytes / swap.total_bytes}
          text={m.glance_of({ used: bytes(swap.used_bytes), total: bytes(swap.total_bytes) })}
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
        <Facts sample={sample} />
      </dl>
    </article>
  );
}

function Facts({ sample }: { readonly sample: Sample }) {
  const { cpu, swap, disk, network, temperatures = [], battery, engine } = sample;
  const worker = engine?.worker;
  return (
    <>
      <Fact name={m.device_frequency()} text={told(cpu?.frequency_hertz, written("hertz"))} />
      <Fact name={m.device_load()} text={cpu?.load && [cpu.load.load_1m, cpu.load.load_5m].map(rate).join(" · ")} />
      <Fact name={m.device_steal()} text={cpu?.steal_percent ? percent(cpu.steal_percent) : undefined} />
      <Fact name={m.device_pressure_memory()} text={told(cpu?.pressure?.memory_percent, percent)} />
      <Fact name={m.device_pressure_disk()} text={told(cpu?.pressure?.io_percent, percent)} />
      <Fact name={m.device_swap_in()} text={told(swap?.in_bytes_per_second, speed)} />
      <Fact name={m.device_swap_out()} text={told(swap?.out_bytes_per_second, speed)} />
      <Fact name={m.device_disk_read()} text={told(disk?.read_bytes_per_second, speed)} />
      <Fact name={m.device_disk_write()} text={told(disk?.write_bytes_per_second, speed)} />
      <Fact name={m.device_receive()} text={told(network?.receive_bytes_per_second, speed)} />
      <Fact name={m.device_transmit()} text={told(network?.transmit_bytes_per_second, speed)} />
      {temperatures.map((one) => (
        <Fact key={one.label} name={one.label} text={degrees(one.celsius, one.limit_celsius)} />
      ))}
      {battery && (
        <Fact
          name={m.device_battery()}
          text={[percent(battery.percent), batteries[battery.state]?.()].filter(Boolean).join(", ")}
        />
      )}
      <Fact name={m.device_worker_cpu()} text={told(worker?.cpu_percent, percent)} />
      <Fact name={m.device_worker_memory()} text={told(worker?.resident_bytes, bytes)} />
      <Fact name={m.device_worker_gpu()} text={told(worker?.gpu_memory_bytes, bytes)} />
    </>
  );
}

const told = (value: number | undefined, write: (value: number) => string) =>
  value === undefined ? undefined : write(value);

function degrees(value: number, limit: number | undefined): string {
  const text = written("celsius")(value);
  return limit === undefined ? text : m.device_of_limit({ value: text, limit: written("celsius")(limit) });
}

// Cores are one thin bar each; in words their number and the busiest one.
function Cores({ cores }: { readonly cores: readonly number[] }) {
  if (cores.length === 0) return null;
  return (
    <div className="cores">
      <div className="cores-bars" aria-hidden="true">
        {cores.map((busy, core) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a core is its number
          <span key={core} title={`${core}: ${percent(busy)}`}>
            <span style={{ height: `${Math.min(100, Math.max(2, busy))}%` }} />
          </span>
        ))}
      </div>
      <p className="panel-quiet">{m.device_cores({ n: integer(cores.length), most: percent(Math.max(...cores)) })}</p>
    </div>
  );
}
