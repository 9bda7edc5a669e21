import { create } from "zustand";
import type { Theme } from "@/api/types";

// What this browser remembers. Storage may be off (a kiosk's private mode):
// then it is remembered until the page closes.

export function readKept(key: string): string | null {
  try {
    return localStorage.getItem(`alcove.${key}`);
  } catch {
    return null;
  }
}

export function keep(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`alcove.${key}`);
    else localStorage.setItem(`alcove.${key}`, value);
  } catch {
    // Nothing is lost but the memory of it.
  }
}

interface Prefs {
  readonly theme: Theme;
  readonly sidebar: boolean;
}

const themeKept = readKept("theme");

export const usePrefs = create<Prefs>(() => ({
  theme: themeKept === "light" || themeKept === "dark" ? themeKept : "system",
  // Beside the text where there is room, over it where there is not.
  sidebar: readKept("sidebar") !== "closed" && matchMedia("(min-width: 56rem)").matches,
}));

const darkSystem = matchMedia("(prefers-color-scheme: dark)");

export function applyTheme(): void {
  const { theme } = usePrefs.getState();
  const dark = theme === "dark" || (theme === "system" && darkSystem.matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

darkSystem.addEventListener("change", applyTheme);

export function setTheme(theme: Theme): void {
  usePrefs.setState({ theme });
  keep("theme", theme === "system" ? null : theme);
  applyTheme();
}

export function setSidebar(open: boolean): void {
  usePrefs.setState({ sidebar: open });
  keep("sidebar", open ? null : "closed");
}

export const toggleSidebar = () => setSidebar(!usePrefs.getState().sidebar);
