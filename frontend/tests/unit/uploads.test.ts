import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as api from "@/api/calls";
import { Problem } from "@/api/problem";
import type { Upload } from "@/api/types";
import {
  cancelUpload,
  ended,
  goOn,
  merged,
  pauseUpload,
  pieceSize,
  readUploads,
  type Sending,
  sendFiles,
  useUploads,
  worthAgain,
} from "@/state/uploads";

// A box that takes pieces, and fails when a test wants it.
const box = {
  upload: null as Upload | null,
  failures: [] as Problem[],
  pieces: [] as number[],
  hold: null as Promise<void> | null,
};

vi.mock("@/api/calls", async (original) => ({
  ...(await original<object>()),
  beginUpload: vi.fn(async (name: string, size: number) => {
    box.upload ??= { id: "u1", name, size, offset: 0 };
    return box.upload;
  }),
  sendPiece: vi.fn(async (_: string, offset: number, piece: Blob, stop: AbortSignal) => {
    await box.hold;
    if (stop.aborted) throw new DOMException("", "AbortError");
    const failure = box.failures.shift();
    if (failure) throw failure;
    if (!box.upload || offset !== box.upload.offset) throw new Problem(409, "conflict", "", "offset");
    box.pieces.push(piece.size);
    box.upload = { ...box.upload, offset: offset + piece.size };
    return box.upload;
  }),
  listUploads: vi.fn(async () => ({ uploads: box.upload ? [box.upload] : [] })),
  cancelUpload: vi.fn(async () => undefined),
}));

const file = (name: string, size: number) =>
  ({ name, size, lastModified: 5, slice: (from: number, to: number) => ({ size: Math.min(to, size) - from }) }) as File;

const states = () => useUploads.getState().items.map((one) => [one.name, one.state]);
const settled = () => vi.waitFor(() => expect(states().filter(([, state]) => state === "sending")).toEqual([]));

beforeEach(() => {
  Object.assign(box, { upload: null, failures: [], pieces: [], hold: null });
  useUploads.setState({ items: [] });
});

afterEach(() => {
  vi.clearAllMocks();
});

describe("sending files", () => {
  it("sends pieces, and the line goes when the file is there", async () => {
    sendFiles([file("a.gguf", 2 * pieceSize + 7)]);
    expect(states()).toEqual([["a.gguf", "sending"]]);
    await settled();
    expect(box.pieces).toEqual([pieceSize, pieceSize, 7]);
    expect(states()).toEqual([]);
  });

  it("goes on from what the box has, also after a break", async () => {
    box.upload = { id: "u1", name: "a.gguf", size: 2 * pieceSize, offset: pieceSize };
    box.failures = [new Problem(0, "unreachable", ""), new Problem(409, "conflict", "", "offset")];
    sendFiles([file("a.gguf", 2 * pieceSize)]);
    await vi.waitFor(() => expect(states()).toEqual([]), 5000);
    expect(box.pieces).toEqual([pieceSize]);
  });

  it("stops with the box's sentence, and can go on", async () => {
    box.failures = [new Problem(507, "disk_full", "The disk is full.")];
    sendFiles([file("a.gguf", 9)]);
    await settled();
    expect(useUploads.getState().items[0]).toMatchObject({ state: "failed", reason: "The disk is full.", id: "u1" });
    expect(goOn("a.gguf")).toBe(true);
    await vi.waitFor(() => expect(states()).toEqual([]));
  });

  it("sends one after the other, pauses and cancels", async () => {
    let release = () => {};
    box.hold = new Promise((resolve) => {
      release = () => resolve();
    });
    sendFiles([file("a.gguf", 9), file("b.gguf", 9)]);
    await vi.waitFor(() => expect(api.sendPiece).toHaveBeenCalled());
    expect(states()).toEqual([
      ["a.gguf", "sending"],
      ["b.gguf", "waiting"],
    ]);
    pauseUpload("b.gguf");
    pauseUpload("a.gguf");
    release();
    await settled();
    expect(states()).toEqual([
      ["a.gguf", "paused"],
      ["b.gguf", "paused"],
    ]);
    await cancelUpload("a.gguf");
    expect(api.cancelUpload).toHaveBeenCalledWith("u1");
    await cancelUpload("b.gguf");
    expect(api.cancelUpload).toHaveBeenCalledTimes(1); // the box never knew it
    expect(states()).toEqual([]);
  });

  it("shows what was begun before a reload, and takes its file again", async () => {
    box.upload = { id: "u1", name: "a.gguf", size: 9, offset: 4 };
    await readUploads();
    expect(useUploads.getState().items).toEqual([
      { name: "a.gguf", id: "u1", size: 9, sent: 4, state: "unfinished", reason: null },
    ]);
    expect(goOn("a.gguf")).toBe(false);
    sendFiles([file("a.gguf", 9)]);
    await vi.waitFor(() => expect(states()).toEqual([]));
    expect(box.pieces).toEqual([5]);
  });
});

describe("what is decided", () => {
  const mine = (name: string, state: Sending["state"]): Sending => ({
    name,
    id: name,
    size: 9,
    sent: 1,
    state,
    reason: null,
  });
  const theirs = (name: string, part: Partial<Upload> = {}): Upload => ({
    id: name,
    name,
    size: 9,
    offset: 5,
    ...part,
  });

  it("joins what this page sends with what the box has", () => {
    const next = merged(
      [mine("sent", "sending"), mine("gone", "unfinished"), mine("copied", "copying")],
      [theirs("sent"), theirs("copied", { reason: "No." }), theirs("new", { copying: true })],
    );
    expect(next.map((one) => [one.name, one.state, one.sent, one.reason])).toEqual([
      ["sent", "sending", 1, null],
      ["copied", "unfinished", 5, "No."],
      ["new", "copying", 5, null],
    ]);
  });

  it("knows what to try again and what has ended", () => {
    expect(worthAgain(new Problem(0, "unreachable", ""))).toBe(true);
    expect(worthAgain(new Problem(409, "conflict", "", "offset"))).toBe(true);
    expect(worthAgain(new Problem(409, "conflict", "", "name"))).toBe(false);
    expect(worthAgain(new Problem(507, "disk_full", ""))).toBe(false);
    const gone = new Problem(404, "upload_not_found", "");
    expect(ended(gone, theirs("a", { offset: 0 }), 9)).toBe(true);
    expect(ended(gone, theirs("a", { offset: 0 }), pieceSize + 9)).toBe(false);
    expect(ended(gone, undefined, 9)).toBe(false);
  });
});
