import { QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findEndpoint, kioskOf } from "@/api/transport";
import { queries } from "@/state/client";
import { answerEnded, revealFolder, startDesktop } from "@/state/desktop";
import { setDraft } from "@/state/drafts";
import { getState, setState } from "@/state/store";
import { Kiosk } from "@/views/kiosk/Kiosk";

// The window's side, as Wails puts it into the page.
const told: unknown[][] = [];
const listeners = new Map<string, (...data: unknown[]) => void>();
const clipboard = { text: "" };
const page = window as unknown as Record<string, unknown>;

const on = (name: string, run: (...data: unknown[]) => void) => {
  listeners.set(name, run);
  return () => listeners.delete(name);
};
const emit = (...event: unknown[]) => told.push(event);
const read = async () => clipboard.text;
const write = async (text: string) => {
  clipboard.text = text;
  return true;
};

function putWindow(endpoint: object): void {
  const ask = async () => endpoint;
  page.go = { window: { App: { Endpoint: ask } } };
  page.runtime = { EventsOn: on, EventsEmit: emit, ClipboardGetText: read, ClipboardSetText: write };
}

const say = (name: string, ...data: unknown[]) => listeners.get(`alcove:${name}`)?.(...data);
const click = (html: string) => {
  document.body.innerHTML = html;
  const link = document.querySelector("a");
  return fireEvent.click(link as Element);
};

beforeEach(() => {
  told.length = 0;
  vi.spyOn(location, "protocol", "get").mockReturnValue("wails:");
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  setState({ notices: [] });
  document.body.innerHTML = "";
});

describe("the page in the window", () => {
  it("finds the box and goes back to where the last window was", async () => {
    putWindow({ base: "http://127.0.0.1:1", token: "t", open: "#/c/abc" });
    await findEndpoint();
    expect(location.hash).toBe("#/c/abc");
    expect(kioskOf()).toBeNull();
    startDesktop();
  });

  it("hands links to the system browser and never follows them", () => {
    expect(click('<a href="https://example.com/x">x</a>')).toBe(false);
    expect(click('<a href="#/c/1">x</a>')).toBe(true);
    expect(told).toEqual([["alcove:link", "https://example.com/x"]]);
  });

  it("hands a download over as a file", async () => {
    vi.stubGlobal("fetch", async () => new Response("hé"));
    expect(click('<a href="blob:1" download="a.txt">x</a>')).toBe(false);
    await vi.waitFor(() => expect(told).toEqual([["alcove:save", "a.txt", "aMOp"]]));
    vi.unstubAllGlobals();
  });

  it("fetches a file of the box with its own sign-in, and says when it cannot", async () => {
    const link = `<a href="wails://${location.host}/api/v1/requests.csv?status=failed" download="a.csv">x</a>`;
    const asked = vi.fn(async (_: string, __?: RequestInit) => new Response("a,b"));
    vi.stubGlobal("fetch", asked);
    expect(click(link)).toBe(false);
    await vi.waitFor(() => expect(told).toEqual([["alcove:save", "a.csv", btoa("a,b")]]));
    expect(asked.mock.calls[0]?.[0]).toBe("http://127.0.0.1:1/api/v1/requests.csv?status=failed");
    expect(new Headers(asked.mock.calls[0]?.[1]?.headers).get("Authorization")).toBe("Bearer t");
    asked.mockImplementation(async () => new Response("no", { status: 500 }));
    click(link);
    await vi.waitFor(() => expect(getState().notices[0]?.text).toContain("could not be read from the box"));
    expect(told).toHaveLength(1);
    vi.unstubAllGlobals();
  });

  it("tells that an answer has ended only when nobody looks", () => {
    const focus = vi.spyOn(document, "hasFocus").mockReturnValue(true);
    answerEnded();
    expect(told).toEqual([]);
    focus.mockReturnValue(false);
    answerEnded();
    expect(told).toEqual([["alcove:done"]]);
  });

  it("zooms by menu and key between the steps, and back", () => {
    say("menu", "larger");
    expect(document.documentElement.style.fontSize).toBe("110%");
    fireEvent.keyDown(window, { key: "-", ctrlKey: true });
    fireEvent.keyDown(window, { key: "-", ctrlKey: true });
    expect(document.documentElement.style.fontSize).toBe("90%");
    say("menu", "normal");
    expect(document.documentElement.style.fontSize).toBe("");
  });

  it("copies what is selected in a field", async () => {
    document.body.innerHTML = '<textarea id="t">one two</textarea>';
    const field = document.getElementById("t") as HTMLTextAreaElement;
    field.focus();
    field.setSelectionRange(4, 7);
    say("menu", "copy");
    await vi.waitFor(() => expect(clipboard.text).toBe("two"));
  });

  it("does not let a dropped file replace the page", () => {
    const drop = (...types: string[]) => {
      const event = new Event("drop", { cancelable: true });
      Object.assign(event, { dataTransfer: { types } });
      return window.dispatchEvent(event);
    };
    expect(drop("Files")).toBe(false);
    expect(drop("text/uri-list")).toBe(false);
    expect(drop("text/plain")).toBe(true);
  });

  it("lets the box copy dropped models, and says that it takes nothing else", async () => {
    const asked: string[] = [];
    vi.spyOn(globalThis, "fetch").mockImplementation(async (address, init) => {
      asked.push(`${init?.method ?? "GET"} ${address} ${init?.body ?? ""}`.trim());
      return Response.json({ id: "u1", uploads: [] });
    });
    say("files", ["/home/a/x.pdf", "/home/a/x.gguf"]);
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    expect(asked[0]).toBe('POST http://127.0.0.1:1/api/v1/models/import {"path":"/home/a/x.gguf"}');
    expect(asked[1]).toBe("GET http://127.0.0.1:1/api/v1/uploads");
    expect(getState().notices).toHaveLength(1);
    revealFolder();
    expect(told).toContainEqual(["alcove:reveal"]);
  });
});

describe("the kiosk", () => {
  const draw = async (fresh: boolean) => {
    putWindow({ base: "http://127.0.0.1:1", token: "t", kiosk: { idle_seconds: 20, pin: true } });
    await findEndpoint();
    vi.useFakeTimers();
    render(
      <QueryClientProvider client={queries}>
        <Kiosk fresh={fresh} />
      </QueryClientProvider>,
    );
  };
  const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

  it("counts down after the idle time; a touch ends the countdown", async () => {
    await draw(false);
    await pass(19_000);
    expect(screen.queryByRole("alertdialog")).toBeNull();
    await pass(2000);
    expect(screen.getByRole("alertdialog")).toBeTruthy();
    fireEvent.pointerDown(window);
    await pass(300);
    expect(screen.queryByRole("alertdialog")).toBeNull();
  });

  it("wipes what was kept and begins anew", async () => {
    const reload = vi.spyOn(location, "reload").mockImplementation(() => undefined);
    localStorage.setItem("alcove.drafts", '{"x":"secret"}');
    sessionStorage.setItem("alcove.pending", "[]");
    await draw(false);
    await pass(20_000 + 15_500);
    expect(reload).toHaveBeenCalledTimes(1);
    expect(localStorage.length + sessionStorage.length).toBe(0);
    expect(location.hash).toBe("#/");
  });

  it("leaves an untouched screen alone, but not one with a draft on it", async () => {
    await draw(true);
    await pass(120_000);
    expect(screen.queryByRole("alertdialog")).toBeNull();
    act(() => setDraft("", "my salary"));
    await pass(21_000);
    expect(screen.getByRole("alertdialog")).toBeTruthy();
    act(() => setDraft("", ""));
  });

  it("opens the number pad by its key and asks the window about the PIN", async () => {
    await draw(true);
    vi.useRealTimers();
    fireEvent.keyDown(window, { key: "Q", ctrlKey: true, shiftKey: true });
    for (const key of ["1", "2", "3", "4", "Enter"]) fireEvent.keyDown(window, { key });
    await vi.waitFor(() => expect(told).toContainEqual(["alcove:pin", "1234"]));
    act(() => say("pin-answer", false, 60));
    expect(await screen.findByText(/60/)).toBeTruthy();
  });
});
