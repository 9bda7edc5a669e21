import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { TextField } from "./Switch";

// Secret is a field of what the box has and never shows. Its value is undefined
// for "as it was" and "" for "removed": emptying the field removes nothing.
export function Secret({
  label,
  kept,
  value,
  wrong,
  onChange,
}: {
  readonly label: string;
  readonly kept: boolean;
  readonly value: string | undefined;
  readonly wrong: boolean;
  readonly onChange: (value: string | undefined) => void;
}) {
  const removed = value === "";
  const hint = removed ? m.secret_removed() : m.secret_set();
  return (
    <div className="secret">
      <TextField
        label={label}
        type="password"
        autoComplete="new-password"
        placeholder={kept ? hint : ""}
        value={value ?? ""}
        wrong={wrong}
        onChange={(typed) => onChange(typed || undefined)}
      />
      {kept && !value && (
        <Button onClick={() => onChange(removed ? undefined : "")}>
          {removed ? m.secret_keep() : m.secret_remove()}
          <span className="sr-only">: {label}</span>
        </Button>
      )}
    </div>
  );
}
