// The window around the page, when there is one. Its other end, and the list of
// events, is app/window/events_desktop.go. The window can do these things and
// nothing else; all data goes over HTTP, as in a browser.

interface Runtime {
  EventsOn(name: string, run: (...data: unknown[]) => void): () => void;
  EventsEmit(name: string, ...data: unknown[]): void;
  ClipboardGetText(): Promise<string>;
  ClipboardSetText(text: string): Promise<boolean>;
}

type ToWindow = "link" | "reveal" | "save" | "done" | "alert" | "pin" | "folder";
type FromWindow = "menu" | "files" | "saved" | "pin-answer" | "chosen";

const runtime = (): Runtime | undefined =>
  location.protocol === "wails:" ? (window as { runtime?: Runtime }).runtime : undefined;

export const inWindow = () => runtime() !== undefined;

export function tellWindow(what: ToWindow, ...data: unknown[]): void {
  runtime()?.EventsEmit(`alcove:${what}`, ...data);
}

// onWindow calls run for each event and gives what stops that.
export function onWindow(what: FromWindow, run: (...data: unknown[]) => void): () => void {
  return runtime()?.EventsOn(`alcove:${what}`, run) ?? (() => undefined);
}

export const readClipboard = async () => (await runtime()?.ClipboardGetText()) ?? "";
export const writeClipboard = async (text: string) => void (await runtime()?.ClipboardSetText(text));
