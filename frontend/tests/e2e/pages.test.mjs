// The pages of documents as people use them who have only a keyboard, a narrow
// screen, long names or a long conversation, with the fake box.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { handbook } from "../fake/handbook.mjs";
import * as fakes from "../fake/server.mjs";
import { startBrowser, watch } from "./box.mjs";
import { sizes } from "./looks.mjs";
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

async function open({ size = "wide", documents = handbook() } = {}) {
  const fake = await fakes.startFake({ more: { documents } });
  opened.push(fake.close);
  const context = await browser.newContext({ viewport: sizes[size], reducedMotion: "reduce" });
  opened.push(() => context.close());
  context.setDefaultTimeout(patience);
  watch(context, fake.base, faults);
  const page = await context.newPage();
  await page.goto(fake.base);
  await question(page).waitFor();
  return { fake, page };
}

const collection = async (page) => {
  await page.goto(`${new URL(page.url()).origin}/#/documents/hr`);
  await page.getByRole("article").first().waitFor();
};

async function askHandbook(page) {
  await page.getByRole("button", { name: "Choose documents to ask" }).waitFor();
  await question(page).press("#");
  await page.getByRole("option", { name: /^HR handbook/ }).click();
  await page.getByRole("button", { name: /^Answers only from HR handbook/ }).waitFor();
  await ask(page, "How long is parental leave?");
  await ended(page);
}

const focused = (page) =>
  page.evaluate(() => {
    const { activeElement: at } = document;
    return at?.getAttribute("aria-label") ?? at?.closest("label")?.innerText.split("\n")[0] ?? at?.textContent ?? "";
  });

const press = async (page, target) => {
  await target.focus();
  await page.keyboard.press("Enter");
};
const dialog = (page) => page.getByRole("dialog");
const gone = (page) => dialog(page).waitFor({ state: "detached" });

test("a dialog begins at its field, and gives the focus back however it ends", async () => {
  const { page } = await open();
  await collection(page);
  const edit = page.getByRole("button", { name: "Edit", exact: true });
  for (const end of ["Escape", "Cancel", "Save", "Close"]) {
    await press(page, edit);
    await dialog(page).waitFor();
    assert.equal(await focused(page), "Title");
    if (end === "Escape") await page.keyboard.press("Escape");
    else await press(page, dialog(page).getByRole("button", { name: end }));
    await gone(page);
    assert.equal(await focused(page), "Edit", end);
  }
});

test("a dialog from a menu gives the focus back to the menu's button", async () => {
  const { page } = await open();
  await collection(page);
  const menu = page.getByRole("button", { name: /^Actions for handbook-2026/ });
  for (const end of ["Escape", "Cancel"]) {
    await press(page, menu);
    await press(page, page.getByRole("menuitem", { name: "Edit" }));
    await dialog(page).waitFor();
    assert.equal(await focused(page), "Title");
    if (end === "Escape") await page.keyboard.press("Escape");
    else await press(page, dialog(page).getByRole("button", { name: "Cancel" }));
    await gone(page);
    assert.match(await focused(page), /^Actions for handbook-2026/, end);
  }
});

test("a document over a narrow page gives the focus back, and is placed anew when the window changes", async () => {
  const { page } = await open({ size: "narrow" });
  await collection(page);
  const show = page.getByRole("button", { name: /^Show the text of handbook-2026/ });
  const panel = page.locator(".source-panel");
  const modal = () => panel.evaluate((one) => one.matches(":modal"));
  await press(page, show);
  await panel.locator("h3").first().waitFor();
  assert.equal(await modal(), true);
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "detached" });
  assert.match(await focused(page), /^Show the text of handbook-2026/);
  await press(page, show);
  for (const size of ["wide", "narrow"]) {
    await page.setViewportSize(sizes[size]);
    await page.waitForFunction(
      (narrow) => document.querySelector(".source-panel")?.matches(":modal") === narrow,
      size === "narrow",
    );
  }
  await panel.getByRole("button", { name: "Close" }).click();
  await panel.waitFor({ state: "detached" });
  assert.match(await focused(page), /^Show the text of handbook-2026/);
});

test("a click beside a dialog keeps what was written in it", async () => {
  const { page } = await open();
  await collection(page);
  const edit = page.getByRole("button", { name: "Edit", exact: true });
  await edit.click();
  await page.mouse.click(5, 5);
  await gone(page);
  await edit.click();
  await dialog(page).getByLabel("Description").fill("An hour's work");
  await page.mouse.click(5, 5);
  assert.equal(await dialog(page).getByLabel("Description").inputValue(), "An hour's work");
});

test("a passage that opens beside a long conversation does not push the page away", async () => {
  const { page } = await open();
  await askHandbook(page);
  for (let i = 0; i < 4; i++) {
    await ask(page, "How long is parental leave?");
    await ended(page);
  }
  await lastAnswer(page)
    .getByText(/^What I looked at/)
    .click();
  await lastAnswer(page)
    .getByRole("button", { name: /^Source 1:/ })
    .first()
    .click();
  await dialog(page).locator("mark").waitFor();
  const pushed = await page.evaluate(() => {
    const shell = document.querySelector(".shell");
    shell.scrollTop = 100;
    return shell.scrollTop;
  });
  assert.equal(pushed, 0);
});

// A number that stands on another line than the letter before it, or the stop behind it.
const torn = (page) =>
  page.evaluate(() => {
    const line = (node, from, to) => {
      const range = document.createRange();
      range.setStart(node, from);
      range.setEnd(node, to);
      return range.getClientRects()[0];
    };
    return [...document.querySelectorAll(".prose .cite")].filter((cite) => {
      const here = cite.getBoundingClientRect();
      const apart = (rect) => rect && (rect.bottom < here.top || rect.top > here.bottom);
      const { previousSibling: before, nextSibling: after } = cite;
      const end = before?.nodeType === Node.TEXT_NODE ? before.data.trimEnd().length : 0;
      return (
        (end > 0 && apart(line(before, end - 1, end))) ||
        (after?.nodeType === Node.TEXT_NODE && /^[.,;]/.test(after.data) && apart(line(after, 0, 1)))
      );
    }).length;
  });

test("a number stays with the word that it proves, at every width", async () => {
  const { page } = await open();
  await askHandbook(page);
  for (let width = 320; width < 620; width += 4) {
    await page.setViewportSize({ width, height: 740 });
    assert.equal(await torn(page), 0, `${width} px`);
  }
});

const long = `${"x".repeat(240)}.txt`;

// inside says that an element is within the window, from left to right.
const inside = async (page, target) => {
  const { x, width } = await target.boundingBox();
  return x >= 0 && x + width <= page.viewportSize().width;
};

test("long names leave what a dialog holds within reach", async () => {
  const documents = handbook();
  const hr = documents.collections.get("hr");
  Object.assign(hr, { title: `Title${"x".repeat(150)}`, description: `https://intranet.example/${"y".repeat(250)}` });
  for (const one of documents.documents.values()) if (one.name === "supplier.pdf") one.name = long;
  for (const size of ["wide", "narrow"]) {
    const { page } = await open({ size, documents });
    await page.goto(`${new URL(page.url()).origin}/#/documents`);
    await page.getByRole("article").first().waitFor();
    const overflow = () => page.evaluate(() => document.querySelector("main").scrollWidth - innerWidth);
    assert.ok((await overflow()) <= 0, `collections, ${size}`);
    await collection(page);
    assert.ok((await overflow()) <= 0, `collection, ${size}`);
    for (const entry of ["Edit", "Delete"]) {
      await page.getByRole("button", { name: `Actions for ${long}` }).click();
      await page.getByRole("menuitem", { name: entry }).click();
      assert.ok(await inside(page, dialog(page).getByRole("button", { name: "Cancel" })), `${entry}, ${size}`);
      assert.ok(await inside(page, dialog(page).getByRole("button", { name: "Close" })), `${entry}, ${size}`);
      await page.keyboard.press("Escape");
    }
    for (const close of opened.splice(0).reverse()) await close();
  }
});

test("a file that could not be read keeps its name readable on a narrow page", async () => {
  const { page } = await open();
  await page.setViewportSize({ width: 390, height: 844 });
  await collection(page);
  const failed = page.locator(".document[data-state=failed]").first();
  const { width } = await failed.getByRole("heading").boundingBox();
  assert.ok(width > 140, `${width} px for the name`);
});

test("a conversation whose documents are gone says so, and goes on without them", async () => {
  const { fake, page } = await open();
  await askHandbook(page);
  const conversation = page.url();
  await collection(page);
  await page.getByRole("button", { name: "Delete", exact: true }).first().click();
  await dialog(page).getByRole("textbox").fill("hr");
  await dialog(page).getByRole("button", { name: "Delete" }).click();
  await gone(page);
  await page.goto(conversation);
  await page.getByText("These documents are gone").waitFor();
  await page.getByRole("button", { name: "Ask without documents" }).click();
  await page.getByText("These documents are gone").waitFor({ state: "detached" });
  assert.equal([...fake.box.conversations.values()][0].collection, "");
});

test("a kiosk for documents that are gone offers no others", async () => {
  const { page } = await open();
  await page.addInitScript(() => {
    const kiosk = { idle_seconds: 300, pin: false, collection: "gone" };
    const app = {};
    app.Endpoint = async () => ({ base: "", kiosk });
    window.go = { window: { App: app } };
  });
  const known = page.waitForResponse((response) => response.url().endsWith("/api/v1/collections"));
  await page.reload();
  await known;
  await question(page).press("#");
  assert.equal(await question(page).inputValue(), "#");
  assert.equal(await page.locator(".ask-documents").count(), 0);
});

test("nothing was refused, broken or fetched from elsewhere", () => assert.deepEqual(faults, []));
