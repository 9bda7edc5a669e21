import { Plus, Trash2 } from "lucide-react";
import { useId, useState } from "react";
import type { Prices } from "@/api/operate";
import { m } from "@/messages/gen/messages.js";
import { Button, IconButton } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { resetPrices, savePrices } from "@/state/operate/cost";
import {
  draftOf,
  type Kind,
  type OwnField,
  ownFields,
  priceFields,
  type RowDraft,
  readSheet,
  type SheetDraft,
  withClass,
  withName,
  without,
  withPrice,
  withRow,
} from "@/state/operate/sheet";

const ownNames: Readonly<Record<OwnField, () => string>> = {
  purchase: m.price_purchase,
  years: m.price_years,
  watts: m.price_watts,
  other_watts: m.price_other_watts,
  kwh: m.price_kwh,
  admin_hours: m.price_admin_hours,
  admin_hour: m.price_admin_hour,
};
const priceNames: Readonly<Record<string, () => string>> = {
  hour: m.price_hour,
  input: m.price_input,
  cached_input: m.price_cached,
  output: m.price_output,
};

// PriceEditor changes the price sheet; nothing is kept until it is saved.
export function PriceEditor({ prices, onClose }: { readonly prices: Prices; readonly onClose: () => void }) {
  const [draft, setDraft] = useState<SheetDraft>(() => draftOf(prices));
  const [wrong, setWrong] = useState<{ readonly field: string; readonly text: string } | null>(null);
  const done = (problem: string | null) => (problem === null ? onClose() : setWrong({ field: "", text: problem }));
  const save = async () => {
    const read = readSheet(draft);
    if (read.sheet) return done(await savePrices(read.sheet));
    setWrong({ field: read.wrong, text: m.prices_wrong() });
  };
  return (
    <Dialog title={m.prices()} onClose={onClose}>
      <form
        className="price-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <fieldset>
          <legend>{m.prices_box()}</legend>
          <div className="price-grid">
            <Field
              label={m.price_currency()}
              value={draft.currency}
              wrong={wrong?.field === "currency"}
              onChange={(currency) => setDraft({ ...draft, currency })}
            />
            {ownFields.map(({ name }) => (
              <Field
                key={name}
                label={ownNames[name]()}
                value={draft.own[name]}
                wrong={wrong?.field === `own.${name}`}
                onChange={(text) => setDraft({ ...draft, own: { ...draft.own, [name]: text } })}
              />
            ))}
          </div>
        </fieldset>
        <Rows
          kind="cloud"
          title={m.prices_cloud()}
          {...{ draft, setDraft }}
          classes={prices.gpu_classes}
          wrong={wrong?.field}
        />
        <Rows kind="managed" title={m.prices_managed()} {...{ draft, setDraft }} classes={[]} wrong={wrong?.field} />
        {wrong && (
          <p role="alert" className="trouble">
            {wrong.text}
          </p>
        )}
        <div className="operate-row">
          <Button type="submit" look="solid">
            {m.save()}
          </Button>
          <Button onClick={onClose}>{m.cancel()}</Button>
          {!prices.shipped && (
            <Button look="quiet" onClick={async () => done(await resetPrices())}>
              {m.prices_reset()}
            </Button>
          )}
        </div>
      </form>
    </Dialog>
  );
}

function Rows({
  kind,
  title,
  draft,
  setDraft,
  classes,
  wrong,
}: {
  readonly kind: Kind;
  readonly title: string;
  readonly draft: SheetDraft;
  readonly setDraft: (draft: SheetDraft) => void;
  readonly classes: readonly string[];
  readonly wrong: string | undefined;
}) {
  return (
    <fieldset>
      <legend>{title}</legend>
      <ul className="price-rows">
        {draft[kind].map((row, index) => (
          <li key={row.id}>
            <Field
              label={m.price_name()}
              value={row.name}
              wrong={wrong === `${kind}.${index}.name`}
              onChange={(name) => setDraft(withName(draft, kind, index, name))}
            />
            {kind === "cloud" && (
              <GpuClass value={row.gpu} classes={classes} onChange={(gpu) => setDraft(withClass(draft, index, gpu))} />
            )}
            {priceFields[kind].map((field) => (
              <Field
                key={field}
                label={priceNames[field]?.() ?? field}
                value={row.prices[field] ?? ""}
                wrong={wrong === `${kind}.${index}.${field}`}
                onChange={(text) => setDraft(withPrice(draft, kind, index, field, text))}
              />
            ))}
            <Mark row={row} />
            <IconButton
              label={m.price_remove({ name: row.name })}
              onClick={() => setDraft(without(draft, kind, index))}
            >
              <Trash2 size={16} />
            </IconButton>
          </li>
        ))}
      </ul>
      <Button look="quiet" onClick={() => setDraft(withRow(draft, kind))}>
        <Plus size={16} /> {m.price_add()}
      </Button>
    </fieldset>
  );
}

function GpuClass({
  value,
  classes,
  onChange,
}: {
  readonly value: string;
  readonly classes: readonly string[];
  readonly onChange: (gpu: string) => void;
}) {
  const id = useId();
  const others = value === "" || classes.includes(value) ? [] : [value];
  return (
    <div className="operate-field price-class">
      <label htmlFor={id}>{m.price_class()}</label>
      <select id={id} className="field" value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{m.price_class_other()}</option>
        {[...classes, ...others].map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

const Mark = ({ row }: { readonly row: RowDraft }) => (
  <span className="operate-label price-mark">{row.example ? m.cost_example({ date: row.asOf }) : m.cost_yours()}</span>
);

function Field({
  label,
  value,
  wrong,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly wrong: boolean;
  readonly onChange: (text: string) => void;
}) {
  const id = useId();
  return (
    <div className="operate-field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="field"
        value={value}
        aria-invalid={wrong}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}
