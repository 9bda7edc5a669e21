import { PanelLeft, SquarePen } from "lucide-react";
import { m } from "@/messages/gen/messages.js";
import { IconButton } from "@/parts/Button";
import { useChosenModel, useConversation } from "@/state/hooks";
import { inKiosk } from "@/state/kiosk";
import { toggleSidebar, usePrefs } from "@/state/prefs";
import { ModelPicker } from "./ModelPicker";

export function TopBar({
  conversation,
  title,
  onNew,
}: {
  readonly conversation: string | null;
  // Of a page that is no conversation.
  readonly title: string | undefined;
  readonly onNew: () => void;
}) {
  const sidebar = usePrefs((prefs) => prefs.sidebar);
  const { data } = useConversation(conversation);
  const model = useChosenModel();
  return (
    <header className="topbar">
      {!inKiosk() && (
        <>
          <IconButton
            label={sidebar ? m.sidebar_close() : m.sidebar_open()}
            aria-expanded={sidebar}
            aria-controls="sidebar"
            onClick={toggleSidebar}
          >
            <PanelLeft size={18} />
          </IconButton>
          <ModelPicker />
        </>
      )}
      {model?.test && <span className="test-badge">{m.model_test()}</span>}
      <h1 className="topbar-title">
        {title || data?.conversation.title || (conversation ? m.untitled() : m.new_chat())}
      </h1>
      <IconButton label={m.new_chat()} onClick={onNew}>
        <SquarePen size={18} />
      </IconButton>
    </header>
  );
}
