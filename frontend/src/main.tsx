import "@fontsource-variable/hanken-grotesk/index.css";
import "@fontsource-variable/jetbrains-mono/index.css";
import "./app.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { findEndpoint } from "@/api/transport";
import { queries } from "@/state/client";
import { startDesktop } from "@/state/desktop";
import { keepOutbox } from "@/state/outbox";
import { applyTheme } from "@/state/prefs";
import { takeLink } from "@/state/session";
import { App } from "@/views/App";

async function start(root: HTMLElement): Promise<void> {
  applyTheme();
  keepOutbox();
  await findEndpoint();
  startDesktop();
  await takeLink();
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  );
}

const root = document.getElementById("root");
if (root) void start(root);
