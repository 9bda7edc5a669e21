// The page of the documents and answers from them, in both themes and widths,
// with the fake box: each state is looked at by axe and kept as a picture.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { handbook } from "../fake/handbook.mjs";
import * as fakes from "../fake/server.mjs";
import { startBrowser, watch } from "./box.mjs";
import { look, sizes } from "./looks.mjs";
import { ask, ended, lastAnswer, patience, question } from "./page.mjs";

let browser;
const faults = [];
const opened = [];

before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function open({ scheme = "light", size = "wide", more = { documents: handbook() } } = {}) {
  const fake = await fakes.startFake({ more });
  opened.push(fake.close);
  const context = await browser.newContext({ viewport: sizes[size], colorScheme: scheme, reducedMotion: "reduce" });
  opened.push(() => context.close());
  context.setDefaultTimeout(patience);
  watch(context, fake.base, faults);
  const page = await context.newPage();
  await page.goto(fake.base);
  await question(page).waitFor();
  return { fake, page };
}

const panel = (page) => page.getByRole("dialog", { name: "Handbook 2026" });
const cite = (page, n) => lastAnswer(page).getByRole("button", { name: new RegExp(`^Source ${n}:`) });

// choose chooses the handbook by "#".
async function choose(page) {
  await page.getByRole("button", { name: "Choose documents to ask" }).waitFor();
  await question(page).press("#");
  await page.getByRole("option", { name: /^HR handbook/ }).click();
  await page.getByRole("button", { name: /^Answers only from HR handbook/ }).waitFor();
}

async function askHandbook(page, text = "How long is parental leave?") {
  await choose(page);
  await ask(page, text);
  await ended(page);
}

const at = (place, heading) => async (page) => {
  await page.goto(`${new URL(page.url()).origin}/#/documents${place}`);
  await page.getByRole("heading", { name: heading, exact: true, level: 2 }).waitFor();
};

const states = {
  collections: at("", "Documents"),
  collection: async (page) => {
    await at("/hr", "HR handbook")(page);
    await page.getByRole("article", { name: "supplier.pdf" }).waitFor();
  },
  "collection-edit": async (page) => {
    await at("/hr", "HR handbook")(page);
    await page.getByRole("button", { name: "Edit", exact: true }).click();
    await page.getByRole("slider").waitFor();
  },
  "retrieval-test": async (page) => {
    await at("/hr/test", "HR handbook")(page);
    await page.getByLabel("Question").fill("How long is parental leave?");
    await page.getByRole("button", { name: "Find", exact: true }).click();
    await page.getByText("Words: place 1 · Meaning: place 2").waitFor();
  },
  "ask-picker": async (page) => {
    await page.getByRole("button", { name: "Choose documents to ask" }).waitFor();
    await question(page).press("#");
    await page.getByPlaceholder("Find a collection").waitFor();
  },
  "quote-first": async (page) => {
    await choose(page);
    await ask(page, "slow: how long is parental leave?");
    await page.getByText("Reading 24 of 480 tokens").first().waitFor();
    await page.getByText("Parental leave is 30 working days").first().waitFor();
  },
  grounded: async (page) => {
    await askHandbook(page);
    await lastAnswer(page).getByText("not found in source").waitFor();
    await lastAnswer(page).getByText("What I looked at (3 passages)").click();
  },
  citation: async (page) => {
    await askHandbook(page);
    await cite(page, 1).first().click();
    await panel(page).locator("mark").waitFor();
  },
  unanswered: async (page) => {
    await askHandbook(page, "What is the moon made of?");
    await lastAnswer(page).getByText("Ask Maria in HR").waitFor();
    await lastAnswer(page).getByText("What I looked at (1 passage)").click();
  },
};

for (const [scheme, size] of [
  ["light", "wide"],
  ["dark", "wide"],
  ["light", "narrow"],
]) {
  test(`documents, every state, ${scheme}, ${size}`, async () => {
    const wrong = [];
    for (const [name, reach] of Object.entries(states)) {
      const { page } = await open({ scheme, size });
      await reach(page);
      wrong.push(...(await look(page, `${name}-${scheme}-${size}`)));
      for (const close of opened.splice(0).reverse()) await close();
    }
    assert.deepEqual(wrong, []);
  });
}

test("a citation by the keyboard: open, walk, close, and the focus is back", async () => {
  const { page } = await open();
  await askHandbook(page);
  const first = cite(page, 1).first();
  assert.equal(await first.getAttribute("aria-label"), "Source 1: Handbook 2026, page 12");
  await first.focus();
  await page.getByRole("tooltip").getByText("Parental leave is 30 working days").waitFor();
  await page.keyboard.press("Enter");
  const mark = panel(page).locator("mark");
  assert.equal(await mark.innerText(), "Parental leave is 30 working days for each parent, paid in full.");
  await panel(page).getByText("page 12, version 2026, in force since January 1, 2026").waitFor();
  const table = await panel(page).getByRole("table").boundingBox();
  const around = await panel(page).locator(".source-table").boundingBox();
  assert.ok(around.height >= table.height, `a table of ${table.height} px shows ${around.height} px`);
  await page.getByRole("button", { name: "Next passage" }).click();
  const past = page.getByRole("dialog", { name: "Handbook 2024" });
  await past.getByText("A newer version has taken its place.").waitFor();
  await past.getByRole("button", { name: "Open Handbook 2026" }).click();
  await panel(page).waitFor();
  await page.keyboard.press("Escape");
  await panel(page).waitFor({ state: "detached" });
  assert.match(await page.evaluate(() => document.activeElement?.getAttribute("aria-label")), /^Source 1:/);
});

test("what a document says stays text", async () => {
  const { page } = await open();
  await askHandbook(page);
  await lastAnswer(page).getByText("the rules (evil.example)").waitFor();
  assert.equal(await lastAnswer(page).locator("a, img").count(), 0);
  await cite(page, 1).first().click();
  await panel(page).getByText("[Click](https://evil.example/)").waitFor();
  assert.equal(await panel(page).locator("img, a:not([download])").count(), 0);
  await panel(page).getByText("Hidden in the file, not used:").waitFor();
});

test("the conversation keeps its documents; a copy has its sources", async () => {
  const { fake, page } = await open();
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await askHandbook(page);
  await lastAnswer(page).getByRole("button", { name: "Copy" }).click();
  const copy = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(
    copy,
    /Sources:\n\[1\] "Parental leave is 30 working days .*" Handbook 2026, handbook-2026.pdf, page 12/,
  );
  await page.reload();
  await page.getByRole("button", { name: /^Answers only from HR handbook/ }).waitFor();
  await page.getByRole("button", { name: "Ask without documents" }).click();
  await page.getByRole("button", { name: "Choose documents to ask" }).waitFor();
  await ask(page, "What is the capital of France?");
  await ended(page);
  assert.equal(await lastAnswer(page).locator(".quote-card").count(), 0);
  assert.equal([...fake.box.conversations.values()][0].collection, "");
});

test("a collection is made, filled, paused and deleted", async () => {
  const { fake, page } = await open();
  await page.getByRole("link", { name: "Documents", exact: true }).click();
  await page.getByRole("button", { name: "New collection" }).click();
  await page.getByLabel("Title").fill("Löhne & Gehälter");
  assert.equal(await page.getByLabel("Short name").inputValue(), "lohne-gehalter");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByText("There are no documents in this collection yet.").waitFor();
  await page.locator("input[data-what=files]").setInputFiles([
    { name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("one") },
    { name: "b.txt", mimeType: "text/plain", buffer: Buffer.from("two") },
  ]);
  await page.getByRole("article", { name: "a.txt" }).waitFor();
  await page.getByRole("article", { name: "b.txt" }).waitFor();
  await page.getByText("2 documents have arrived.").waitFor();
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await page.getByRole("button", { name: "Resume", exact: true }).waitFor();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  const sure = page.getByRole("dialog").getByRole("button", { name: "Delete" });
  assert.equal(await sure.isDisabled(), true);
  await page.getByRole("dialog").getByRole("textbox").fill("lohne-gehalter");
  await sure.click();
  await page.getByRole("heading", { name: "Documents", level: 2 }).waitFor();
  await page.waitForFunction(() => location.hash === "#/documents");
  assert.equal(await page.getByText("This collection does not exist").count(), 0);
  assert.equal(fake.box.documents.collections.has("lohne-gehalter"), false);
});

test("a box without documents shows nothing of them", async () => {
  const { page } = await open({ more: {} });
  await page.getByRole("link", { name: "Models", exact: true }).waitFor();
  assert.equal(await page.getByRole("link", { name: "Documents", exact: true }).count(), 0);
  assert.equal(await page.locator(".ask-documents").count(), 0);
});

test("nothing was refused, broken or fetched from elsewhere", () => assert.deepEqual(faults, []));
