// From a PDF to the sentence that proves it, against the built program with its
// real worker and embedder. What the small chat model writes does not matter.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startBox, startBrowser, watch } from "./box.mjs";
import { dropFile } from "./drop.mjs";
import { look, sizes } from "./looks.mjs";
import { answers, ask, ended, lastAnswer, patience, question } from "./page.mjs";

const name = "handbook-2026.pdf";
const sentence = "Parental leave is 30 working days for each parent, paid in full.";
// Three pages; the sentence stands on the second one.
const handbook = `<!doctype html><title>Employee handbook</title><style>section { break-after: page }</style>
<section><h1>Employee handbook</h1><p>Valid from 1 January 2026.</p>
<p>The office is open from seven in the morning until eight in the evening. Visitors sign in at the reception.</p></section>
<section><h1>Leave</h1><p>Leave is asked for in writing, four weeks before it begins. ${sentence}
It may be taken in two parts within three years of the birth.</p></section>
<section><h1>Travel</h1><p>Trains are booked in second class. A rental car needs the written permission of the manager.</p></section>`;
const asked = "How many days of parental leave do I get?";

let folder;
let box;
let browser;
let page;
const faults = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "alcove-handbook-"));
  box = await startBox();
  browser = await startBrowser();
  const printer = await browser.newPage();
  await printer.setContent(handbook);
  await writeFile(join(folder, name), await printer.pdf({ format: "A4" }));
  await printer.close();
  const context = await browser.newContext({ viewport: sizes.wide, reducedMotion: "reduce" });
  context.setDefaultTimeout(patience);
  watch(context, box.base, faults);
  page = await context.newPage();
  await page.goto(await box.link());
  await question(page).waitFor();
  // A small model may not find an end.
  const short = { data: { max_tokens: 80 }, headers: { Origin: box.base } };
  assert.equal((await page.request.patch(`${box.base}/api/v1/settings`, short)).status(), 200);
});

after(async () => {
  await browser?.close();
  await box?.close();
  await rm(folder, { recursive: true, force: true });
});

const file = () => page.getByRole("article", { name: /handbook/i });
const panel = () => page.getByRole("dialog");
const fine = async (view) => assert.deepEqual(await look(page, view), []);

test("a PDF is dropped into a new collection and gets ready", async () => {
  await page.getByRole("link", { name: "Documents", exact: true }).click();
  await page.getByRole("button", { name: "New collection" }).click();
  await page.getByLabel("Title").fill("HR handbook");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByText("There are no documents in this collection yet.").waitFor();
  await dropFile(page, join(folder, name));
  await file().getByText("Ready", { exact: true }).waitFor();
  await file().getByText("3 pages").waitFor();
  await page.getByText("1 document", { exact: true }).waitFor();
  await fine("real-collection");
});

test("what a question finds is seen without a model", async () => {
  await page.getByRole("link", { name: "Test what is found" }).click();
  await page.getByLabel("Question").fill(asked);
  await page.getByRole("button", { name: "Find", exact: true }).click();
  await page.getByText("the documents answer").waitFor();
  await page.locator(".passages").getByText(sentence, { exact: false }).first().waitFor();
});

test("the sentence is there at once, and its document opens at it", async () => {
  await page.getByRole("button", { name: "Ask these documents" }).click();
  await page.getByRole("button", { name: /^Answers only from HR handbook/ }).waitFor();
  await ask(page, asked);
  const card = answers(page).first().locator(".quote-card");
  await card.getByText(sentence).waitFor();
  await card.getByText("page 2").waitFor();
  await ended(page);
  await card.getByRole("button", { name: /^Open/ }).click();
  const mark = panel().locator("mark");
  await mark.first().waitFor();
  assert.equal((await mark.allInnerTexts()).join(" ").replace(/\s+/g, " "), sentence);
  assert.ok(await mark.first().isVisible());
  await panel().getByText("page 2").first().waitFor();
  await fine("real-citation");
  await page.keyboard.press("Escape");
  await panel().waitFor({ state: "detached" });
  await lastAnswer(page)
    .getByText(/^What I looked at/)
    .click();
  await lastAnswer(page).getByText("the documents answer").waitFor();
});

test("the conversation is still about these documents after a reload", async () => {
  await page.reload();
  await page.getByRole("button", { name: /^Answers only from HR handbook/ }).waitFor();
  await lastAnswer(page).locator(".quote-card").getByText(sentence).waitFor();
});

// save chooses an entry of the conversation's menu with the keyboard alone.
async function save(entry) {
  const menu = page.getByRole("button", { name: /^Actions for/ }).first();
  await menu.focus();
  await page.keyboard.press("Enter");
  const item = page.getByRole("menuitem", { name: entry });
  await item.focus();
  const started = page.waitForEvent("download");
  await page.keyboard.press("Enter");
  const download = await started;
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

test("the conversation is saved with what proves it, for reading and for printing", async () => {
  const saved = await save("Save as Markdown");
  assert.match(saved.name, /^How many days of parental leave.*\.md$/);
  assert.match(saved.text, /## Question/);
  assert.ok(saved.text.includes(asked) && saved.text.includes(sentence), saved.text);
  assert.match(saved.text, /handbook-2026\.pdf, page 2, .*in force from 1 January 2026, collection HR handbook/);
  const printed = await save("Save for printing");
  const reader = await browser.newPage({ viewport: sizes.wide });
  await reader.setContent(printed.text);
  await reader.getByText(sentence).first().waitFor();
  await reader.close();
});

test("the PDF is removed: the same question is refused, the old answer says so", async () => {
  const conversation = page.url();
  await page.goto(`${box.base}/#/documents/hr-handbook`);
  await file()
    .getByRole("button", { name: /^Actions for/ })
    .click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await panel().getByRole("button", { name: "Delete" }).click();
  await page.getByText("There are no documents in this collection yet.").waitFor();
  await page.goto(conversation);
  const first = answers(page).first();
  await first.getByText(/^What I looked at/).click();
  await first.getByText("This document was removed. Its text is gone.").first().waitFor();
  assert.equal(await first.locator(".quote-card").count(), 0);
  await fine("real-removed");
  await ask(page, asked);
  await ended(page);
  await lastAnswer(page).locator(".unanswered").waitFor();
  assert.equal(await lastAnswer(page).locator(".quote-card").count(), 0);
  await fine("real-refused");
  await page.reload();
  await first.getByText(/^What I looked at/).click();
  await first.getByText("This document was removed. Its text is gone.").first().waitFor();
  assert.equal(await first.locator(".quote-card").count(), 0);
  const { text } = await save("Save with all versions (JSON)");
  const { format, messages } = JSON.parse(text);
  assert.equal(format, "alcove.conversation");
  assert.ok(messages[1].sources.every(({ removed, quote }) => removed && quote === ""));
  assert.equal(messages[3].grounding.decision, "refused");
});

test("nothing went wrong in the page", () => assert.deepEqual(faults, []));
