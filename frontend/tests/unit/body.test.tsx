import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { DocumentBody } from "@/views/sources/DocumentBody";

afterEach(() => vi.unstubAllGlobals());

it("offers the rest of a document again when it could not be read", async () => {
  const block = (seq: number, text: string) => ({ seq, kind: "paragraph", text, page: 1 }) as const;
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("Failed to fetch");
  });
  const parts = { read: [block(0, "The beginning.")], whole: false, from: -1, to: -1, quote: "", lost: false };
  render(<DocumentBody document="d" {...parts} />);
  const more = screen.getByRole("button");
  await userEvent.click(more);
  expect(screen.getByRole("button")).toBe(more);
  vi.stubGlobal("fetch", async () => Response.json({ blocks: [block(1, "The end.")] }));
  await userEvent.click(more);
  expect(await screen.findByText("The end.")).toBeTruthy();
  expect(screen.queryByRole("button")).toBeNull();
});
