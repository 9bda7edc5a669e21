import { useState } from "react";
import type { Settings, Theme } from "@/api/types";
import { m } from "@/messages/gen/messages.js";
import { getLocale, locales } from "@/messages/gen/runtime.js";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { saveSettings } from "@/state/commands";
import { useSession, useSettings } from "@/state/hooks";
import { setTheme, usePrefs } from "@/state/prefs";
import { sentence } from "@/state/sentences";
import { signOut } from "@/state/session";
import { ConversationFiles } from "./ConversationFiles";

export function SettingsDialog({
  onClose,
  onShortcuts,
}: {
  readonly onClose: () => void;
  readonly onShortcuts: () => void;
}) {
  const settings = useSettings();
  const session = useSession();
  return (
    <Dialog title={m.settings()} onClose={onClose}>
      <div className="flex flex-col gap-7">
        <ThemeChoice />
        {settings.isError && !settings.data && (
          <p role="alert" className="trouble">
            {sentence(settings.error)}
          </p>
        )}
        {settings.data && (
          <>
            <LanguageChoice settings={settings.data} />
            <SystemPrompt settings={settings.data} />
            <ReadWhileTyping settings={settings.data} />
          </>
        )}
        <ConversationFiles onClose={onClose} />
        <div className="flex flex-wrap items-center gap-2 border-t border-line pt-5">
          <Button onClick={() => void signOut()}>{m.sign_out()}</Button>
          <Button look="quiet" onClick={onShortcuts}>
            {m.shortcuts()}
          </Button>
          <span className="ml-auto font-mono text-xs text-ink-3">{session.data?.version}</span>
        </div>
      </div>
    </Dialog>
  );
}

const themes: readonly { readonly value: Theme; readonly label: () => string }[] = [
  { value: "system", label: m.theme_system },
  { value: "light", label: m.theme_light },
  { value: "dark", label: m.theme_dark },
];

function ThemeChoice() {
  const theme = usePrefs((prefs) => prefs.theme);
  const choose = (value: Theme) => {
    setTheme(value);
    void saveSettings({ theme: value });
  };
  return (
    <fieldset>
      <legend className="label">{m.theme()}</legend>
      <div className="segments">
        {themes.map(({ value, label }) => (
          <label key={value}>
            <input type="radio" name="theme" value={value} checked={theme === value} onChange={() => choose(value)} />
            <span>{label()}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function LanguageChoice({ settings }: { readonly settings: Settings }) {
  const names = new Intl.DisplayNames([getLocale()], { type: "language" });
  return (
    <label className="flex flex-col">
      <span className="label">{m.language()}</span>
      <select
        className="field"
        value={settings.language || getLocale()}
        onChange={(event) => void saveSettings({ language: event.target.value })}
      >
        {locales.map((locale) => (
          <option key={locale} value={locale}>
            {names.of(locale)}
          </option>
        ))}
      </select>
    </label>
  );
}

function ReadWhileTyping({ settings }: { readonly settings: Settings }) {
  return (
    <label className="flex items-start gap-3">
      <input
        type="checkbox"
        className="mt-1"
        checked={settings.prefill_while_typing ?? true}
        aria-describedby="typing-note"
        onChange={(event) => void saveSettings({ prefill_while_typing: event.target.checked })}
      />
      <span>
        {m.read_while_typing()}
        <span id="typing-note" className="mt-1 block text-sm text-ink-3">
          {m.read_while_typing_note()}
        </span>
      </span>
    </label>
  );
}

function SystemPrompt({ settings }: { readonly settings: Settings }) {
  const kept = settings.system_prompt ?? "";
  const [text, setText] = useState(kept);
  return (
    <form
      className="flex flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        void saveSettings({ system_prompt: text });
      }}
    >
      <label className="label" htmlFor="system-prompt">
        {m.system_prompt()}
      </label>
      <textarea
        id="system-prompt"
        rows={5}
        className="field resize-y py-2"
        value={text}
        placeholder={m.system_prompt_placeholder()}
        aria-describedby="system-prompt-note"
        onChange={(event) => setText(event.target.value)}
      />
      <p id="system-prompt-note" className="mt-2 text-sm text-ink-3">
        {m.system_prompt_note()}
      </p>
      <div className="mt-3 flex gap-2">
        <Button type="submit" look="solid" disabled={text === kept}>
          {m.save()}
        </Button>
        {text !== kept && (
          <Button look="quiet" onClick={() => setText(kept)}>
            {m.cancel()}
          </Button>
        )}
      </div>
    </form>
  );
}
