import { inWindow, onWindow, readClipboard, tellWindow, writeClipboard } from "@/api/desktop";
import { kioskOf, send } from "@/api/transport";
import { m } from "@/messages/gen/messages.js";
import { keep, readKept } from "./prefs";
import { notify } from "./store";
import { importFiles } from "./uploads";

// What the page does for the window around it. In a browser little of this
// runs: the browser does it all.

export function startDesktop(): void {
  // A dropped file would replace the page, here and in a browser.
  window.addEventListener("dragover", refuseFiles);
  window.addEventListener("drop", refuseFiles);
  if (!inWindow()) return;
  document.addEventListener("click", onLink, { capture: true });
  document.addEventListener("auxclick", onLink, { capture: true });
  window.addEventListener("keydown", onZoomKey);
  setZoom(zoomKept());
  onWindow("menu", (command) => void runMenu(String(command)));
  onWindow("saved", (ok, name) =>
    notify(ok ? { text: m.window_saved({ name: String(name) }) } : { text: m.window_not_saved(), tone: "bad" }),
  );
  onWindow("files", (paths) => void importFiles(Array.isArray(paths) ? paths.map(String) : []));
}

// A plain link would replace the page: links go to the system browser, files
// to a dialog that asks where to put them.
function onLink(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
  const href = link?.getAttribute("href") ?? "#";
  if (!(link instanceof HTMLAnchorElement) || href.startsWith("#")) return;
  event.preventDefault();
  if (kioskOf()) return; // a browser or a dialog would be a way out
  if (link.hasAttribute("download")) void save(link.download, link.href);
  else tellWindow("link", link.href);
}

function refuseFiles(event: DragEvent): void {
  const types = event.dataTransfer?.types ?? [];
  if (types.includes("Files") || types.includes("text/uri-list")) event.preventDefault();
}

async function save(name: string, address: string): Promise<void> {
  const { protocol, host, pathname, search } = new URL(address);
  // The page has another address than the box, and signs in by a header.
  const ofBox = protocol === location.protocol && host === location.host && pathname.startsWith("/api/");
  const response = await (ofBox ? send(pathname + search) : fetch(address)).catch(() => null);
  if (!response?.ok) {
    notify({ text: m.window_not_fetched(), tone: "bad" });
    return;
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  tellWindow("save", name || "alcove.txt", btoa(text));
}

export { inWindow };

// revealFolder opens the model folder in the desktop's file manager.
export const revealFolder = () => tellWindow("reveal");

// chooseFolder asks for a folder of this machine; run gets its path. It gives
// what forgets that.
export function chooseFolder(run: (path: string) => void): () => void {
  const stop = onWindow("chosen", (path) => {
    stop();
    run(String(path));
  });
  tellWindow("folder");
  return stop;
}

// answerEnded is called for each answer of this person that ends.
export function answerEnded(): void {
  if (inWindow() && !document.hasFocus()) tellWindow("done");
}

// Every size of the page hangs on the root's, so this is all of zooming.
const steps = [75, 90, 100, 110, 125, 150, 175, 200];

// A kiosk is read from further away, and touched.
const usual = () => (kioskOf() ? 125 : 100);
const zoomKept = () => Number(readKept("zoom")) || usual();

function setZoom(percent: number): void {
  document.documentElement.style.fontSize = percent === 100 ? "" : `${percent}%`;
  keep("zoom", percent === usual() ? null : String(percent));
}

function zoom(by: -1 | 0 | 1): void {
  const now = zoomKept();
  const next = by > 0 ? steps.find((step) => step > now) : steps.findLast((step) => step < now);
  setZoom(by === 0 ? usual() : (next ?? now));
}

function onZoomKey(event: KeyboardEvent): void {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
  const by = event.key === "+" || event.key === "=" ? 1 : event.key === "-" ? -1 : event.key === "0" ? 0 : null;
  if (by === null) return;
  event.preventDefault();
  zoom(by);
}

// The menu presses the page's own keys, so that both always do the same.
const presses: Readonly<Record<string, KeyboardEventInit>> = {
  new: { key: "o", ctrlKey: true, shiftKey: true },
  sidebar: { key: "b", ctrlKey: true },
  shortcuts: { key: "/", ctrlKey: true },
};

async function runMenu(command: string): Promise<void> {
  const press = presses[command];
  if (press) window.dispatchEvent(new KeyboardEvent("keydown", { ...press, cancelable: true }));
  else if (command === "larger") zoom(1);
  else if (command === "smaller") zoom(-1);
  else if (command === "normal") zoom(0);
  else if (command === "reload") location.reload();
  else if (command === "undo" || command === "redo") document.execCommand(command);
  else if (command === "select-all") document.execCommand("selectAll");
  else if (command === "copy" || command === "cut") {
    const text = selectedText();
    if (text !== "") await writeClipboard(text);
    if (text !== "" && command === "cut") document.execCommand("delete");
  } else if (command === "paste") document.execCommand("insertText", false, await readClipboard());
}

function selectedText(): string {
  const field = document.activeElement;
  if (field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement) {
    return field.value.slice(field.selectionStart ?? 0, field.selectionEnd ?? 0);
  }
  return getSelection()?.toString() ?? "";
}
