// From a question that the documents do not answer to HR's own answer and back,
// against the built program with its real worker and embedder. What the small
// chat model writes does not matter.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startBox, startBrowser, watch } from "./box.mjs";
import { look, sizes } from "./looks.mjs";
import { ask, ended, lastAnswer, patience, question } from "./page.mjs";

const handbook = `# Employee handbook

## Leave
Parental leave is 30 working days for each parent, paid in full. Leave is asked for in writing, four weeks before.

## Travel
Trains are booked in second class. A rental car needs the written permission of the manager.
`;
const asked = "May I bring my dog to the office?";
const approved = "Dogs may come to the office on Fridays, on a leash.";
const collection = "hr";

let folder;
let box;
let browser;
let page;
let conversation;
const faults = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "alcove-desk-"));
  await writeFile(join(folder, "handbook.md"), handbook);
  box = await startBox();
  browser = await startBrowser();
  const context = await browser.newContext({ viewport: sizes.wide, reducedMotion: "reduce" });
  context.setDefaultTimeout(patience);
  watch(context, box.base, faults);
  page = await context.newPage();
  await page.goto(await box.link());
  await question(page).waitFor();
  const headers = { Origin: box.base };
  const data = { max_tokens: 40 };
  assert.equal((await page.request.patch(`${box.base}/api/v1/settings`, { data, headers })).status(), 200);
  const made = { data: { id: collection, title: "HR handbook" }, headers };
  assert.equal((await page.request.post(`${box.base}/api/v1/collections`, made)).status(), 201);
  // The page may have read its lists before, and listened to the events after.
  await page.reload();
  await question(page).waitFor();
});

after(async () => {
  await browser?.close();
  await box?.close();
  await rm(folder, { recursive: true, force: true });
});

const at = (tab) => page.goto(`${box.base}/#/documents/${collection}${tab}`);
const fine = async (view) => assert.deepEqual(await look(page, view), []);
const passedOn = () => lastAnswer(page).getByText("This question was passed on to HR without your name.");

async function askAgain() {
  await page.goto(conversation);
  await page.getByRole("button", { name: /^Answers only from HR handbook/ }).waitFor();
  await lastAnswer(page).waitFor();
  await ask(page, asked);
  await ended(page);
}

test("a question that the documents do not answer is passed on", async () => {
  await at("");
  await page.locator("input[data-what=files]").setInputFiles(join(folder, "handbook.md"));
  await page
    .getByRole("article", { name: /handbook/i })
    .getByText("Ready", { exact: true })
    .waitFor();
  await page.getByRole("button", { name: "Ask these documents" }).click();
  await page.getByRole("button", { name: /^Answers only from HR handbook/ }).waitFor();
  await ask(page, asked);
  await ended(page);
  await passedOn().waitFor();
  conversation = page.url();
  await fine("real-desk-refused");
});

test("HR finds it in the inbox and writes an answer", async () => {
  await at("/inbox");
  const row = page.getByRole("article", { name: asked });
  await row.getByText("Not answered").waitFor();
  await row.getByRole("button", { name: "Write an answer" }).click();
  const dialog = page.getByRole("dialog");
  assert.equal(await dialog.getByRole("textbox", { name: "Question" }).inputValue(), asked);
  await dialog.getByRole("textbox", { name: "Answer" }).fill(approved);
  await dialog.getByRole("button", { name: "Approve" }).click();
  await dialog.getByText("Saved and indexed.").waitFor();
  await dialog.getByRole("button", { name: "See all approved answers" }).click();
  await page.getByRole("article", { name: asked }).getByText("Found by questions").waitFor();
  await fine("real-desk-answers");
});

test("the same question is answered in HR's own words, without a model", async () => {
  await askAgain();
  const given = lastAnswer(page).locator(".given");
  await given.getByText("Approved answer").waitFor();
  await given.getByText(/^Dogs may come to the office on Fridays, on a leash/).waitFor();
  assert.equal(await lastAnswer(page).locator(".figures").count(), 0);
  await given.getByRole("button", { name: /^Source 1/ }).click();
  await page.getByRole("dialog").getByText("Approved by HR").waitFor();
  await fine("real-desk-approved");
  await page.keyboard.press("Escape");
});

test("golden questions are asked when somebody wants it", async () => {
  await at("/golden");
  await page.getByRole("button", { name: "Add a question" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Question", exact: true }).fill(asked);
  await dialog.getByRole("textbox", { name: /^Sentence/ }).fill(approved);
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Run now" }).click();
  await page.getByText("1 of 1 passed").waitFor();
  await page.getByText("sentence at place 1").waitFor();
});

test("the answer is deleted: the same question is refused, and open again", async () => {
  await at("/answers");
  await page.getByRole("button", { name: `Delete: ${asked}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("There are no approved answers yet.").waitFor();
  await askAgain();
  await passedOn().waitFor();
  assert.equal(await lastAnswer(page).locator(".quote-card").count(), 0);
  await at("/inbox");
  await page.getByRole("article", { name: asked }).getByText("Asked 2 times").waitFor();
});

test("nothing went wrong in the page", () => assert.deepEqual(faults, []));
