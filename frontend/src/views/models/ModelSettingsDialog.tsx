import { type FormEvent, type ReactNode, useId, useState } from "react";
import type { Model, ModelSettings } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Trouble } from "@/parts/Form";
import { useModelSettings } from "@/state/hooks";
import { changesOf, formOf, type ModelForm, type NumberField } from "@/state/modelForm";
import { saveModelSettings } from "@/state/models";
import { sentence } from "@/state/sentences";

export function ModelSettingsDialog({ model, onClose }: { readonly model: Model; readonly onClose: () => void }) {
  const settings = useModelSettings(model.id);
  return (
    <Dialog title={m.model_settings({ name: model.id })} onClose={onClose}>
      {settings.isError && (
        <p role="alert" className="trouble">
          {sentence(settings.error)}
        </p>
      )}
      {/* What was kept may be older than what is read now: the form begins with the latter. */}
      {settings.data && !settings.isFetching && <Form model={model} kept={settings.data} onClose={onClose} />}
    </Dialog>
  );
}

type Change = (part: Partial<ModelForm>) => void;

function Form({
  model,
  kept,
  onClose,
}: {
  readonly model: Model;
  readonly kept: ModelSettings;
  readonly onClose: () => void;
}) {
  const [form, setForm] = useState(formOf(kept));
  const [failed, setFailed] = useState<string | null>(null);
  const [saving, setSaving] = useState(false);
  const change: Change = (part) => setForm((old) => ({ ...old, ...part }));
  const { changes, wrong } = changesOf(form, kept);
  const changed = wrong.length > 0 || Object.keys(changes).length > 0;
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setSaving(true);
    try {
      await saveModelSettings(model.id, changes);
      onClose();
    } catch (thrown) {
      setFailed(sentence(thrown));
      setSaving(false);
    }
  };
  return (
    <form className="flex flex-col gap-6" noValidate onSubmit={(event) => void save(event)}>
      <Loading model={model} form={form} change={change} wrong={wrong} />
      <Prompt form={form} change={change} />
      <Sampling form={form} change={change} wrong={wrong} />
      <Trouble text={failed} />
      <div className="flex flex-wrap items-center gap-2 border-t border-line pt-5">
        <Button type="submit" look="solid" disabled={!changed || wrong.length > 0 || saving}>
          {m.save()}
        </Button>
        <Button look="quiet" onClick={onClose}>
          {m.cancel()}
        </Button>
        <Button look="quiet" className="ml-auto" onClick={() => setForm(formOf({}))}>
          {m.model_reset()}
        </Button>
      </div>
    </form>
  );
}

interface Part {
  readonly form: ModelForm;
  readonly change: Change;
  readonly wrong: readonly NumberField[];
}

function Loading({ model, form, change, wrong }: Part & { readonly model: Model }) {
  const choices = [...new Set([...(model.adapters ?? []), ...form.lora])];
  return (
    <fieldset className="form-group">
      <legend>{m.model_loading_group()}</legend>
      <p className="form-note">{m.model_loading_note()}</p>
      <div className="form-grid">
        <NumberInput name="context" label={m.setting_context()} form={form} change={change} wrong={wrong} />
        <Labelled label={m.setting_kv()}>
          {(id) => (
            <select id={id} className="field" value={form.kv} onChange={(event) => change({ kv: event.target.value })}>
              <option value="">{m.setting_chosen()}</option>
              <option value="f16">{m.setting_kv_f16()}</option>
              <option value="q8_0">{m.setting_kv_q8()}</option>
            </select>
          )}
        </Labelled>
      </div>
      {choices.length > 0 && (
        <div className="flex flex-col gap-2">
          <span className="form-label">{m.model_adapters()}</span>
          {choices.map((id) => (
            <Check
              key={id}
              label={id}
              checked={form.lora.includes(id)}
              onChange={(on) => change({ lora: on ? [...form.lora, id] : form.lora.filter((one) => one !== id) })}
            />
          ))}
        </div>
      )}
    </fieldset>
  );
}

function Prompt({ form, change }: { readonly form: ModelForm; readonly change: Change }) {
  return (
    <Labelled label={m.system_prompt()} note={m.model_prompt_note()}>
      {(id, note) => (
        <textarea
          id={id}
          rows={4}
          className="field resize-y py-2"
          aria-describedby={note}
          value={form.system_prompt}
          placeholder={m.system_prompt_placeholder()}
          onChange={(event) => change({ system_prompt: event.target.value })}
        />
      )}
    </Labelled>
  );
}

function Sampling(part: Part) {
  return (
    <fieldset className="form-group">
      <legend>{m.model_sampling_group()}</legend>
      <p className="form-note">{m.model_sampling_note()}</p>
      <div className="form-grid">
        <NumberInput name="temperature" label={m.setting_temperature()} {...part} />
        <NumberInput name="max_tokens" label={m.setting_max_tokens()} {...part} />
        <NumberInput name="top_p" label={m.setting_top_p()} {...part} />
        <NumberInput name="top_k" label={m.setting_top_k()} {...part} />
        <NumberInput name="min_p" label={m.setting_min_p()} {...part} />
      </div>
    </fieldset>
  );
}

function NumberInput({
  name,
  label,
  form,
  change,
  wrong,
}: Part & { readonly name: NumberField; readonly label: string }) {
  const bad = wrong.includes(name);
  return (
    <Labelled label={label} note={bad ? m.setting_no_number() : undefined}>
      {(id, note) => (
        <input
          id={id}
          className="field"
          inputMode="decimal"
          autoComplete="off"
          placeholder={m.setting_default()}
          value={form[name]}
          aria-invalid={bad}
          aria-describedby={note}
          onChange={(event) => change({ [name]: event.target.value })}
        />
      )}
    </Labelled>
  );
}

function Labelled({
  label,
  note,
  children,
}: {
  readonly label: string;
  readonly note?: string | undefined;
  readonly children: (id: string, note: string | undefined) => ReactNode;
}) {
  const id = useId();
  const noteId = note ? `${id}-note` : undefined;
  return (
    <div className="flex flex-col">
      <label className="form-label" htmlFor={id}>
        {label}
      </label>
      {children(id, noteId)}
      {note && (
        <p id={noteId} className="form-note mt-1.5">
          {note}
        </p>
      )}
    </div>
  );
}

function Check({
  label,
  checked,
  onChange,
}: {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (on: boolean) => void;
}) {
  return (
    <label className="flex items-center gap-3 text-sm">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      {label}
    </label>
  );
}
