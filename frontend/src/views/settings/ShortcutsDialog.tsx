import { m } from "@/messages/gen/messages.js";
import { Dialog } from "@/parts/Dialog";

// Key names as they are printed on keyboards; the rest is translated.
const rows: readonly { readonly keys: readonly string[]; readonly does: () => string }[] = [
  { keys: ["Enter"], does: m.key_send },
  { keys: ["Shift", "Enter"], does: m.key_line },
  { keys: ["Esc"], does: m.key_stop },
  { keys: ["Ctrl", "Shift", "O"], does: m.new_chat },
  { keys: ["Ctrl", "K"], does: m.key_search },
  { keys: ["Ctrl", "B"], does: m.key_sidebar },
  { keys: ["Ctrl", ","], does: m.settings },
  { keys: ["Shift", "Esc"], does: m.key_composer },
  { keys: ["Ctrl", "/"], does: m.shortcuts },
];

export function ShortcutsDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title={m.shortcuts()} onClose={onClose}>
      <dl className="flex flex-col gap-3">
        {rows.map(({ keys, does }) => (
          <div key={keys.join("+")} className="flex items-center justify-between gap-6 text-sm">
            <dt>{does()}</dt>
            <dd className="flex gap-1">
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
