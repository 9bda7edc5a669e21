import { lazy, useCallback, useEffect, useState } from "react";
import { useLocation, useRoute } from "wouter";
import { m } from "@/messages/gen/messages.js";
import { Later } from "@/parts/Later";
import { forgetPanel } from "@/state/documents/panel";
import { useSettings } from "@/state/hooks";
import { inKiosk } from "@/state/kiosk";
import { setSidebar, setTheme, toggleSidebar, usePrefs } from "@/state/prefs";
import { startSync } from "@/state/sync";
import { ChatView } from "../chat/ChatView";
import { DeviceBanner } from "../device/DeviceBanner";
import { DeviceDialog } from "../device/DeviceDialog";
import { Kiosk } from "../kiosk/Kiosk";
import { SettingsDialog } from "../settings/SettingsDialog";
import { ShortcutsDialog } from "../settings/ShortcutsDialog";
import { SourcePanel } from "../sources/SourcePanel";
import { useShortcuts } from "./keys";
import { LiveStrip } from "./LiveStrip";
import { type Page, Sidebar } from "./Sidebar";
import { TopBar } from "./TopBar";

// Charts and what draws them come when they are looked at.
const ModelsPage = lazy(async () => ({ default: (await import("../models/ModelsPage")).ModelsPage }));
const MonitorPage = lazy(() => import("../monitor/MonitorPage"));
const DocumentsPage = lazy(() => import("../documents/DocumentsPage"));

export const narrow = () => !matchMedia("(min-width: 56rem)").matches;

const pageTitles: Record<Page, () => string> = { documents: m.documents, models: m.models, monitor: m.monitor };

export function Shell() {
  const [, params] = useRoute("/c/:id");
  const [wantsModels] = useRoute("/models");
  const [wantsDocuments, documents] = useRoute("/documents/:id?/:tab?");
  const [wantsMonitor, monitor] = useRoute("/monitor/:tab?");
  const [, navigate] = useLocation();
  const [dialog, setDialog] = useState<"settings" | "shortcuts" | "device" | null>(null);
  const sidebar = usePrefs((prefs) => prefs.sidebar);
  const id = params?.id ?? null;

  useEffect(() => {
    const stream = startSync();
    return () => stream.close();
  }, []);
  useKeptTheme();

  const startNew = useCallback(() => {
    navigate("/");
    if (narrow()) setSidebar(false);
    focusComposer();
  }, [navigate]);

  const kiosk = inKiosk();
  const wanted = wantsModels ? "models" : wantsMonitor ? "monitor" : wantsDocuments ? "documents" : null;
  const page = kiosk ? null : wanted;
  const [place] = useLocation();
  // Another page, or another conversation: what was open beside it is done.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the place is the reason
  useEffect(() => forgetPanel(), [place]);
  useShortcuts({
    newChat: startNew,
    composer: focusComposer,
    ...(!kiosk && {
      sidebar: toggleSidebar,
      search: () => {
        setSidebar(true);
        requestAnimationFrame(() => document.getElementById("search")?.focus());
      },
      settings: () => setDialog("settings"),
      sheet: () => setDialog("shortcuts"),
    }),
  });

  return (
    <div className="shell" data-sidebar={sidebar && !kiosk ? "open" : "closed"}>
      {page === null && (
        <button type="button" className="skip" onClick={focusComposer}>
          {m.skip_to_question()}
        </button>
      )}
      {!kiosk && <Sidebar current={id} page={page} onNew={startNew} onSettings={() => setDialog("settings")} />}
      <div className="shell-main">
        <TopBar conversation={id} title={page ? pageTitles[page]() : undefined} onNew={startNew} />
        {!kiosk && <DeviceBanner onWhy={() => setDialog("device")} />}
        {page === "models" ? (
          <Later>
            <ModelsPage />
          </Later>
        ) : page === "monitor" ? (
          <Later>
            <MonitorPage tab={monitor?.tab} />
          </Later>
        ) : page === "documents" ? (
          <Later>
            <DocumentsPage id={documents?.id} tab={documents?.tab} />
          </Later>
        ) : (
          // A key makes each conversation's scroll and drafts its own.
          <ChatView key={id ?? "new"} id={id} />
        )}
        <LiveStrip {...(!kiosk && { onDevice: () => setDialog("device") })} />
      </div>
      <SourcePanel />
      {kiosk && <Kiosk fresh={id === null} />}
      {dialog === "settings" && (
        <SettingsDialog onClose={() => setDialog(null)} onShortcuts={() => setDialog("shortcuts")} />
      )}
      {dialog === "device" && <DeviceDialog onClose={() => setDialog(null)} />}
      {dialog === "shortcuts" && <ShortcutsDialog onClose={() => setDialog(null)} />}
    </div>
  );
}

function focusComposer(): void {
  requestAnimationFrame(() => document.getElementById("question")?.focus());
}

// The box keeps the theme; this browser's copy is only for the first paint.
function useKeptTheme(): void {
  const { data } = useSettings();
  const theme = data?.theme;
  useEffect(() => {
    if (theme && theme !== usePrefs.getState().theme) setTheme(theme);
  }, [theme]);
}
