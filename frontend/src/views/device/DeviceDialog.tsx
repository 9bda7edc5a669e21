import type { EngineStatus, Hardware } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { Dialog } from "@/parts/Dialog";
import { useHardware, useModels } from "@/state/hooks";
import { bytes } from "@/state/numbers";
import { MemoryPlan } from "../models/MemoryPlan";

// DeviceDialog says what computes the answers, and why nothing better does.
export function DeviceDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title={m.device_why()} onClose={onClose}>
      <DeviceCard />
    </Dialog>
  );
}

export function DeviceCard() {
  const { data } = useModels();
  const hardware = useHardware();
  const status = data?.status;
  if (!status) return null;
  const model = data.models.find((one) => one.id === status.model);
  return (
    <div className="flex flex-col gap-4 text-sm">
      <p className="text-base">
        {status.device ? m.device_computes({ device: status.device }) : status.reason || m.strip_waiting()}
      </p>
      {status.gpu_reason && <p className="trouble">{status.gpu_reason}</p>}
      {model?.fit && (
        <section aria-labelledby="device-plan">
          <h3 id="device-plan" className="label">
            {m.device_plan()}
          </h3>
          <MemoryPlan fit={model.fit} />
        </section>
      )}
      <Found status={status} facts={hardware.data?.facts} />
    </div>
  );
}

// Found is what the machine has, as its kernel and the engine's libraries see it.
function Found({ status, facts }: { readonly status: EngineStatus; readonly facts: Hardware["facts"] | undefined }) {
  const seen = facts?.gpus ?? [];
  return (
    <section aria-labelledby="device-found">
      <h3 id="device-found" className="label">
        {m.device_found()}
      </h3>
      <ul className="flex flex-col gap-1 text-ink-2">
        {facts?.cpu.name && <li>{m.device_cpu({ name: facts.cpu.name, cores: String(facts.cpu.cores) })}</li>}
        {facts && <li>{m.device_memory({ total: bytes(facts.memory.limit || facts.memory.total) })}</li>}
        {seen.map((gpu, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two cards may have the same name
          <li key={i}>
            {gpu.driver
              ? m.device_seen({ name: gpu.name, driver: gpu.driver })
              : m.device_seen_no_driver({ name: gpu.name })}
          </li>
        ))}
        {status.devices?.map((device) => (
          <li key={device.name}>
            {m.device_usable({
              name: `${device.name} ${device.description}`,
              free: bytes(device.free),
              total: bytes(device.total),
            })}
          </li>
        ))}
        {facts && seen.length === 0 && !status.devices?.length && <li>{m.device_no_gpu()}</li>}
      </ul>
    </section>
  );
}
