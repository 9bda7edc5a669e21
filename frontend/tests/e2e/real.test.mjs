// The page against the built program and the real model.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBox, startBrowser, watch } from "./box.mjs";
import { answers, ask, ended, lastAnswer, patience, question, settled, writing } from "./page.mjs";

const long = "Write a long story about a lighthouse keeper and the sea. Use many paragraphs.";

let box;
let browser;
let context;
let page;
const faults = [];

before(async () => {
  box = await startBox();
  browser = await startBrowser();
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  context.setDefaultTimeout(patience);
  watch(context, box.base, faults);
  page = await context.newPage();
});

after(async () => {
  await browser?.close();
  await box?.close();
});

test("who is not signed in is told how", async () => {
  await page.goto(box.base);
  await page.getByText("alcove link").waitFor();
  await page.goto(`${box.base}/#signin=not-a-real-token-at-all`);
  await page.reload();
  await page.getByText("alcove link", { exact: true }).waitFor();
});

test("a sign-in link works once and leaves the address bar", async () => {
  const link = await box.link();
  await page.goto("about:blank");
  await page.goto(link);
  await question(page).waitFor();
  assert.equal(page.url().includes("signin"), false);
  // The small model may go on for pages, and the test machine is slow.
  const limited = await page.evaluate(async () => {
    const body = JSON.stringify({ max_tokens: 600 });
    const headers = { "Content-Type": "application/json" };
    return (await fetch("/api/v1/settings", { method: "PATCH", headers, body })).status;
  });
  assert.equal(limited, 200);

  const stranger = await browser.newContext();
  const other = await stranger.newPage();
  await other.goto(link);
  await other.getByRole("alert").waitFor();
  assert.match(await other.getByRole("alert").innerText(), /alcove link/);
  await stranger.close();
});

test("the capital of France is Paris, with figures under it", async () => {
  await ask(page, "What is the capital of France?");
  await ended(page);
  assert.match(await lastAnswer(page).innerText(), /Paris/);
  const line = lastAnswer(page).locator(".figures-line");
  assert.match(await line.innerText(), /SmolLM2.* · [\d.]+ s · [\d.,]+ tok\/s/);
  await line.click();
  await page.getByText("First word after").waitFor();
  await page.getByText("test model, expect wrong answers").waitFor();
  await page.locator('.row[data-current="true"]').getByText("What is the capital of France?").waitFor();
});

test("another version of an answer is a sibling with arrows", async () => {
  await lastAnswer(page).getByRole("button", { name: "Write another answer" }).click();
  await page.getByText("2/2").waitFor();
  await ended(page);
  await page.getByRole("button", { name: "Previous version" }).click();
  await page.getByText("1/2").waitFor();
  assert.match(await lastAnswer(page).innerText(), /Paris/);
});

test("Stop and Esc keep what was written", async () => {
  for (const stop of [() => page.getByRole("button", { name: "Stop" }).click(), () => page.keyboard.press("Escape")]) {
    await page.keyboard.press("Control+Shift+O");
    await question(page).waitFor();
    await page.getByText("What would you like to know?").waitFor();
    await ask(page, long);
    await writing(page);
    await stop();
    await ended(page);
    await page.getByText("Stopped. What was written is kept.").waitFor();
    assert.ok((await lastAnswer(page).locator(".prose").innerText()).length > 40);
  }
});

test("a reload in mid answer reads on, and a second tab shows the same", async () => {
  await page.keyboard.press("Control+Shift+O");
  await page.getByText("What would you like to know?").waitFor();
  await ask(page, long);
  await writing(page);
  const beginning = (await lastAnswer(page).locator(".prose").innerText()).slice(0, 30);
  await page.reload();
  await writing(page);
  assert.ok((await lastAnswer(page).locator(".prose").innerText()).startsWith(beginning));

  const streams = [];
  const second = await context.newPage();
  second.on("request", (request) => {
    if (request.url().includes("/events")) streams.push(request.url());
  });
  await second.goto(page.url());
  await writing(second);
  await page.waitForTimeout(1500);
  await page.keyboard.press("Escape");
  await ended(page);
  await ended(second);
  const [one, two] = await Promise.all([page, second].map((tab) => lastAnswer(tab).locator(".prose").innerText()));
  assert.equal(one, two);
  assert.deepEqual(streams, [], "the second tab opened a stream of its own");

  // The box's own text is the same, letter for letter.
  const id = /c\/([0-9a-f-]+)/.exec(page.url())[1];
  const { messages } = await page.evaluate(async (path) => (await fetch(path)).json(), `/api/v1/conversations/${id}`);
  const words = (text) => text.replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  assert.equal(words(two), words(messages.at(-1).text));

  // The leader closes; the other tab takes the stream over and goes on.
  await page.close();
  page = second;
  await ask(page, "Say hello.");
  await ended(page);
  assert.equal(await answers(page).count(), 2);
  assert.equal(streams.length, 1);
  assert.match(streams[0], /after=\d+/);
});

test("twelve tabs share one stream", async () => {
  const open = [];
  const count = (request) => request.url().includes("/events") && open.push(request.url());
  context.on("request", count);
  const tabs = await Promise.all(Array.from({ length: 11 }, () => context.newPage()));
  for (const tab of tabs) await tab.goto(page.url());
  for (const tab of tabs) await lastAnswer(tab).waitFor();
  await ask(page, "Say yes.");
  for (const tab of tabs) await tab.getByText("Say yes.").first().waitFor();
  await page.keyboard.press("Escape"); // the small model may go on for pages
  for (const tab of [page, ...tabs]) await settled(tab);
  assert.deepEqual(open, []);
  context.off("request", count);
  await Promise.all(tabs.map((tab) => tab.close()));
});

test("rename, search, delete and undo", async () => {
  const row = page.locator('.row[data-current="true"]');
  await row.hover();
  await row.getByRole("button").click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await page.getByLabel("New title").fill("Lighthouse papers");
  await page.keyboard.press("Enter");
  await page.locator(".row").getByText("Lighthouse papers").waitFor();

  await page.keyboard.press("Control+k");
  await page.locator("#sidebar input:focus").pressSequentially("papers");
  await page.locator("mark", { hasText: "papers" }).waitFor();
  await page.keyboard.press("Escape");

  const found = page.locator(".row", { hasText: "Lighthouse papers" });
  await found.hover();
  await found.getByRole("button").click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await found.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await found.waitFor();
  await page.reload();
  await found.waitFor();
});

test("a question is read while it is typed", async () => {
  await page.keyboard.press("Control+Shift+O");
  await page.getByText("What would you like to know?").waitFor();
  const contract = "The tenant pays on the first day of each month. ".repeat(40);
  const read = async () => {
    const text = await page.evaluate(async () => (await fetch("/metrics")).text());
    return Number(/alcove_tokens_total\{class="draft",kind="prompt"\} (\d+)/.exec(text)?.[1] ?? 0);
  };
  const earlier = await read();
  const told = page.waitForResponse((response) => response.url().endsWith("/draft"));
  await question(page).fill(contract);
  assert.equal((await told).status(), 204);
  for (const end = Date.now() + patience; (await read()) < earlier + 400; ) {
    assert.ok(Date.now() < end, "the draft was not read");
    await page.waitForTimeout(100);
  }
  await question(page).press("End");
  await question(page).pressSequentially("When does the tenant pay?");
  await page.keyboard.press("Enter");
  await answers(page).first().waitFor();
  await settled(page);
  const id = /c\/([0-9a-f-]+)/.exec(page.url())[1];
  const { messages } = await page.evaluate(async (path) => (await fetch(path)).json(), `/api/v1/conversations/${id}`);
  const { prompt_tokens: all, cached_tokens: cached } = messages.at(-1).figures;
  assert.ok(all > 400 && all - cached < 60, `${cached} of ${all} tokens were read before`);
});

test("Ctrl+B folds the list away, drafts stay, Shift+Enter makes a line", async () => {
  await page.keyboard.press("Control+Shift+O");
  await page.getByText("What would you like to know?").waitFor();
  await page.keyboard.press("Control+b");
  await page.locator("#sidebar").waitFor({ state: "hidden" });
  await page.keyboard.press("Control+b");
  await page.locator("#sidebar").waitFor();
  await question(page).fill("one");
  await question(page).press("Shift+Enter");
  await question(page).pressSequentially("two");
  await page.reload();
  assert.equal(await question(page).inputValue(), "one\ntwo");
  await question(page).fill("");
});

test("the appearance is kept by the box", async () => {
  await page.keyboard.press("Control+,");
  await page.getByText("Dark", { exact: true }).click();
  await page.locator("html[data-theme=dark]").waitFor();
  await page.keyboard.press("Escape");
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await page.locator("html[data-theme=dark]").waitFor();
});

test("what was asked is in the log of requests, and the box is watched live", async () => {
  await page.getByRole("link", { name: "Monitoring" }).click();
  await page.getByText("Answering", { exact: true }).waitFor();
  await page.getByRole("figure", { name: "CPU", exact: true }).locator(".chart-place[data-newest]").waitFor();
  await page.getByRole("heading", { name: "What fills the memory" }).waitFor();
  const newest = () =>
    page.evaluate(() =>
      Number(document.querySelector('[aria-labelledby="machine-charts"] .chart-place').dataset.newest),
    );
  const before = await newest();
  await page.waitForFunction(
    (old) => Number(document.querySelector('[aria-labelledby="machine-charts"] .chart-place').dataset.newest) > old,
    before,
  );
  await page.getByRole("link", { name: "Requests" }).click();
  const row = page.locator(".requests tbody tr").filter({ hasText: "Chat page" }).filter({ hasText: "Done" }).last();
  await row.waitFor();
  assert.match(await row.innerText(), /SmolLM2/);
  assert.doesNotMatch(await page.locator(".requests").innerText(), /France|Paris|lighthouse/, "no text is kept");
  await page
    .getByRole("link", { name: "New chat" })
    .or(page.getByRole("button", { name: "New chat" }))
    .first()
    .click();
});

test("nothing was refused, broken or fetched from elsewhere", () => assert.deepEqual(faults, []));
