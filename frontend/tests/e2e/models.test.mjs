// The page of the models against the built program and the real model.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startBox, startBrowser, top, watch } from "./box.mjs";
import { dropFile } from "./drop.mjs";
import { look, sizes } from "./looks.mjs";
import { ask, ended, lastAnswer, patience, question } from "./page.mjs";

const realName = "SmolLM2-135M-Instruct.Q4_1.gguf";

const real = join(top, "build/models", realName);
const first = realName.replace(".gguf", "");
const second = "second";

let folder;
let outside;
let box;
let browser;
let context;
let page;
const faults = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "alcove-models-"));
  outside = await mkdtemp(join(tmpdir(), "alcove-outside-"));
  await copyFile(real, join(folder, realName));
  await copyFile(real, join(outside, `${second}.gguf`));
  await writeFile(join(outside, "letter.gguf"), "Dear Sir or Madam");
  box = await startBox({ models: folder });
  browser = await startBrowser();
  context = await browser.newContext({ viewport: sizes.wide, reducedMotion: "reduce" });
  context.setDefaultTimeout(patience);
  watch(context, box.base, faults);
  page = await context.newPage();
  await page.goto(await box.link());
  await question(page).waitFor();
});

after(async () => {
  await browser?.close();
  await box?.close();
  for (const path of [folder, outside]) await rm(path, { recursive: true, force: true });
});

const card = (name) => page.getByRole("article", { name, exact: true });
const line = (name) => page.locator(".upload-line", { hasText: name });
const fine = async (name) => assert.deepEqual(await look(page, name), []);
// pick chooses a model in the picker at the top.
async function pick(name) {
  await page.getByRole("button", { name: /Choose another/ }).click();
  await page.getByRole("option", { name: new RegExp(`^${name.replaceAll(".", "\\.")}`) }).click();
  await page.getByRole("button", { name: `Model: ${name}. Choose another` }).waitFor();
}
const openModels = () => page.getByRole("link", { name: "Models", exact: true }).click();

const drop = (name) => dropFile(page, join(outside, name));

test("a card says what is known of a model", async () => {
  await openModels();
  await card(first).getByText("loaded", { exact: true }).waitFor();
  await card(first).getByText("Q4_1", { exact: true }).waitFor();
  await card(first).getByText("Details").click();
  const sum = createHash("sha256")
    .update(await readFile(real))
    .digest("hex");
  await card(first).getByTitle(sum).waitFor();
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await fine(`models-${colorScheme}`);
  }
  await page.setViewportSize(sizes.narrow);
  await page.keyboard.press("Control+b"); // the list of conversations lies over it
  await fine("models-narrow");
  await page.keyboard.press("Control+b");
  await page.setViewportSize(sizes.wide);
});

test("a dropped file goes on after a reload, and becomes a model", async () => {
  // The pieces wait at the door, so that there is a middle to reload in.
  let through = 3;
  await page.route("**/api/v1/uploads/*", (route) =>
    route.request().method() !== "PUT" || through-- > 0 ? route.continue() : undefined,
  );
  await drop(`${second}.gguf`);
  await line(second).getByText("25 %", { exact: false }).waitFor();
  assert.deepEqual((await readdir(folder)).sort(), [realName, `${second}.gguf.part`].sort());
  await page.reload();
  await line(second).getByText("Begun earlier", { exact: false }).waitFor();
  await fine("models-upload");
  await page.unroute("**/api/v1/uploads/*");
  await drop(`${second}.gguf`);
  await page.getByText("second.gguf is there. It is checked now.").waitFor();
  await card(second).getByText("ready to load", { exact: true }).waitFor();
  assert.deepEqual((await readdir(folder)).sort(), [realName, `${second}.gguf`].sort());
  await card(second).getByText("Details").click();
  const sum = await card(first).locator("code[title]").getAttribute("title");
  await card(second).locator(`code[title="${sum}"]`).waitFor();
});

test("a file that is no model is refused at once, with its reason", async () => {
  await drop("letter.gguf");
  await line("letter.gguf").getByText("This file is not a GGUF model. Nothing was taken.").waitFor();
  await line("letter.gguf").getByRole("button", { name: "Cancel" }).click();
  await line("letter.gguf").waitFor({ state: "detached" });
  await drop(`${second}.gguf`);
  await line(second).getByText("There is a file second.gguf in the models folder already.", { exact: false }).waitFor();
  await line(second).getByRole("button", { name: "Cancel" }).click();
});

test("a model is loaded, and answers in the middle of a conversation", async () => {
  await card(second).getByRole("button", { name: "Load", exact: true }).click();
  await card(second).getByText("loaded", { exact: true }).waitFor();
  await pick(first);
  await page.getByRole("button", { name: "New chat" }).first().click();
  await ask(page, "What is the capital of France?");
  await ended(page);
  assert.match(await lastAnswer(page).locator(".figures-line").innerText(), /^SmolLM2/);
  await pick(second);
  await ask(page, "Describe Italy in two sentences.");
  await ended(page);
  assert.match(await lastAnswer(page).locator(".figures-line").innerText(), /^second/);
});

test("its own settings hold for its next answer", async () => {
  await openModels();
  await card(second)
    .getByRole("button", { name: `Settings of ${second}` })
    .click();
  await page.getByLabel("Longest answer, in tokens").fill("3");
  await page.getByLabel("Instructions for the model").fill("Speak like a pirate.");
  await fine("model-settings");
  await page.getByRole("button", { name: "Save" }).click();
  await card(second).getByRole("img", { name: "has settings of its own" }).waitFor();
  await page.goBack();
  await ask(page, "Write a long story about the sea.");
  await ended(page);
  await page.getByText("The answer ended at the limit of its length.").waitFor();
});

test("the picker leads here, and a model is unloaded", async () => {
  await page.getByRole("button", { name: /Choose another/ }).click();
  await page.getByRole("link", { name: "All models…" }).click();
  await card(second).getByText("Used for new chats").waitFor();
  await card(second)
    .getByText(/tok\/s, first word after .* on CPU/)
    .waitFor();
  await card(second).getByRole("checkbox", { name: "Keep loaded" }).click();
  await card(second).getByRole("checkbox", { name: "Keep loaded", checked: true }).waitFor();
  await card(second).getByRole("button", { name: "Unload" }).click();
  await card(second).getByText("ready to load", { exact: true }).waitFor();
});

test("nothing went wrong in the page", () => assert.deepEqual(faults, []));
