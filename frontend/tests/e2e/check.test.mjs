// The house check and the catalogue, with the real model.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBox, startBrowser, watch } from "./box.mjs";
import { look, sizes } from "./looks.mjs";
import { patience } from "./page.mjs";

const questions = [
  {
    id: "capital",
    question: "What is the capital of France?",
    system: "You are a helpful assistant.",
    expect_all: ["Paris"],
    max_tokens: 40,
  },
  {
    id: "impossible",
    question: "What is the capital of France?",
    system: "You are a helpful assistant.",
    expect_all: ["Zxqvy"],
    max_tokens: 40,
  },
];

let box;
let browser;
let page;
const faults = [];

before(async () => {
  box = await startBox();
  browser = await startBrowser();
  const context = await browser.newContext({ viewport: sizes.wide, reducedMotion: "reduce" });
  context.setDefaultTimeout(patience);
  watch(context, box.base, faults);
  page = await context.newPage();
  await page.goto(await box.link());
  await page.locator("#question").waitFor();
  const status = await page.evaluate(async (body) => {
    const headers = { "Content-Type": "application/json" };
    return (await fetch("/api/v1/golden", { method: "PUT", headers, body })).status;
  }, JSON.stringify({ questions }));
  assert.equal(status, 200);
});

after(async () => {
  await browser?.close();
  await box?.close();
});

test("with the test model alone the first page names one that fits", async () => {
  const line = page.getByText("would fit this box");
  await line.waitFor();
  await page.getByRole("link", { name: "Models worth having" }).click();
  await page.getByRole("heading", { name: "Models worth having" }).waitFor();
  assert.match(page.url(), /#\/models$/);
});

test("a check runs, survives a reload, and shows its result", async () => {
  const check = page.getByRole("region", { name: "House check" }).first();
  await check.getByText("Not checked yet: 2 questions.").waitFor();
  await check.getByRole("button", { name: "Check" }).click();
  await page.reload();
  await check.getByText("1 of 2").waitFor();
  await check.getByText("This one, current").waitFor();
  await check.getByText("Show the 2 answers").click();
  await check.getByText("“Zxqvy” is missing.").waitFor();
  assert.match(await check.getByRole("listitem").first().innerText(), /Paris/);
});

test("the questions are edited on the page", async () => {
  await page.getByRole("button", { name: "Edit the questions" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("impossible").click();
  await dialog.getByRole("button", { name: "Remove impossible" }).click();
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByText("Questions of your own: 1").waitFor();
  await page.getByText("have changed since").waitFor();
});

test("the catalogue says what fits, and how to get it", async () => {
  const rows = page.locator(".catalogue-row");
  assert.ok((await rows.count()) >= 8);
  await page.getByText("For this box").waitFor();
  await page.getByText("How to get Granite 4.0 Micro").click();
  await page.getByText("Hugging Face, repository ibm-granite/granite-4.0-micro-GGUF").waitFor();
});

test("it can be read by everybody, in both themes and on a narrow screen", async () => {
  await page.keyboard.press("Control+b"); // on a narrow screen the list would lie above
  await page.locator("#sidebar").waitFor({ state: "hidden" });
  for (const scheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const size of ["wide", "narrow"]) {
      await page.setViewportSize(sizes[size]);
      assert.deepEqual(await look(page, `check-${scheme}-${size}`), []);
    }
  }
});

test("nothing was refused, broken or fetched from elsewhere", () => assert.deepEqual(faults, []));
