import { clsx } from "clsx";
import { Command } from "cmdk";
import { Check, ChevronDown } from "lucide-react";
import { Popover } from "radix-ui";
import { useState } from "react";
import { Link } from "wouter";
import type { Model } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { isUsable, useChosenModel, useModels, writes } from "@/state/hooks";
import { chooseModel } from "@/state/models";
import { bytes, integer } from "@/state/numbers";
import { sentence } from "@/state/sentences";
import { FitLine, WontFit } from "./ModelFit";

// Model choice at the top of the page. Models go by their file's name: people
// know it, and the name inside the file is often the training run's. Not modal, so that no style element has
// to be injected.
export function ModelPicker() {
  const [open, setOpen] = useState(false);
  const [doubtful, setDoubtful] = useState<Model>();
  const models = useModels();
  const chosen = useChosenModel();
  const all = (models.data?.models ?? []).filter((one) => one.state !== "adapter" && writes(one));
  const name = chosen?.id ?? (models.isPending ? m.models_loading() : m.models_none_short());
  const pick = (model: Model) => {
    setOpen(false);
    if (model.fit?.verdict === "wont_fit") setDoubtful(model);
    else void chooseModel(model.id);
  };
  const warning = doubtful?.fit && (
    <WontFit
      model={doubtful}
      fit={doubtful.fit}
      onClose={() => setDoubtful(undefined)}
      onChoose={() => {
        setDoubtful(undefined);
        void chooseModel(doubtful.id);
      }}
    />
  );
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      {warning}
      <Popover.Trigger className="picker" aria-label={m.model_choose({ name })}>
        {chosen && <StateDot state={chosen.state} />}
        <span className="truncate">{name}</span>
        <ChevronDown size={15} aria-hidden="true" className="shrink-0 text-ink-3" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label={m.models()}
          align="start"
          sideOffset={6}
          collisionPadding={8}
          className="menu picker-list"
        >
          <Command label={m.models()} loop>
            <Command.Input className="picker-search" placeholder={m.model_find()} />
            <Command.List className="max-h-[60dvh] overflow-y-auto p-1">
              <Command.Empty className="p-4 text-sm text-ink-3">
                {models.isError ? sentence(models.error) : all.length === 0 ? m.models_none() : m.model_not_found()}
              </Command.Empty>
              <Group heading={m.models_loaded()} models={all.filter(isLoaded)} chosen={chosen?.id} pick={pick} />
              <Group heading={m.models_available()} models={all.filter(isAvailable)} chosen={chosen?.id} pick={pick} />
              <Group heading={m.models_unusable()} models={all.filter(isUnusable)} chosen={chosen?.id} pick={pick} />
            </Command.List>
            <Link href="/models" className="picker-foot" onClick={() => setOpen(false)}>
              {m.all_models()}
            </Link>
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

const isLoaded = (model: Model) => ["loaded", "loading", "draining"].includes(model.state);
const isAvailable = (model: Model) => model.state === "ready";
const isWaiting = (model: Model) => ["new", "copying", "checking", "draining"].includes(model.state);
const isUnusable = (model: Model) => !isLoaded(model) && !isAvailable(model);

function Group({
  heading,
  models,
  chosen,
  pick,
}: {
  readonly heading: string;
  readonly models: readonly Model[];
  readonly chosen: string | undefined;
  readonly pick: (model: Model) => void;
}) {
  if (models.length === 0) return null;
  return (
    <Command.Group heading={heading} className="picker-group">
      {models.map((model) => (
        <Command.Item
          key={model.id}
          value={model.id}
          keywords={[model.name]}
          // A model that was set aside may be loaded again by hand.
          disabled={!isUsable(model.state)}
          onSelect={() => pick(model)}
          className="picker-item"
        >
          <StateDot state={model.state} />
          <span className="min-w-0 flex-1">
            <span className="block truncate font-medium">{model.id}</span>
            <span className="block text-xs text-ink-3">{factsOf(model)}</span>
            {model.reason && (
              <span className={clsx("block text-xs", isWaiting(model) ? "text-ink-3" : "text-bad")}>
                {model.reason}
              </span>
            )}
            {model.fit && <FitLine fit={model.fit} />}
            {model.test && <span className="block text-xs text-warn">{m.model_test()}</span>}
          </span>
          {model.id === chosen && <Check size={16} aria-label={m.model_current()} className="text-accent" />}
        </Command.Item>
      ))}
    </Command.Group>
  );
}

function factsOf(model: Model): string {
  const facts = [stateName(model.state)];
  if (model.name !== model.id) facts.push(model.name);
  if (model.parameters) facts.push(model.parameters);
  if (model.size_bytes > 0) facts.push(bytes(model.size_bytes));
  if (model.context > 0) facts.push(m.model_context({ tokens: integer(model.context) }));
  return facts.join(" · ");
}

export function stateName(state: Model["state"]): string {
  switch (state) {
    case "new":
    case "checking":
      return m.model_checking();
    case "copying":
      return m.model_copying();
    case "draining":
      return m.model_draining();
    case "ready":
      return m.model_ready();
    case "loading":
      return m.model_loading();
    case "loaded":
      return m.model_loaded();
    case "set_aside":
      return m.model_set_aside();
    case "refused":
      return m.model_refused();
    case "adapter":
      return m.model_adapter();
  }
}

function StateDot({ state }: { readonly state: Model["state"] }) {
  return <span className="dot" data-state={state} aria-hidden="true" />;
}
