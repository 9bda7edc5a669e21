// Capacity and cost in a real browser against the fake box: what is measured,
// estimated and paid, and what can be done with it.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { measured, step, wasMeasured } from "../fake/operate.mjs";
import * as fakes from "../fake/server.mjs";
import { startBrowser, watch } from "./box.mjs";
import { look, sizes } from "./looks.mjs";
import { patience } from "./page.mjs";

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

async function open(hash, { more = {}, scheme = "light", viewport = sizes.wide } = {}) {
  const fake = await fakes.startFake({ more });
  opened.push(fake.close);
  const context = await browser.newContext({ viewport, colorScheme: scheme, reducedMotion: "reduce" });
  opened.push(() => context.close());
  context.setDefaultTimeout(patience);
  watch(context, fake.base, faults);
  const page = await context.newPage();
  await page.goto(`${fake.base}/#${hash}`);
  return { fake, page };
}

test("a measurement is begun, followed, and read", async () => {
  const { fake, page } = await open("/monitor/capacity");
  await page.getByText("Not measured yet.").waitFor();
  const bound = page.getByLabel("First token within (seconds)");
  await bound.fill("often");
  await page.getByRole("button", { name: "Measure" }).click();
  await page.getByText("A number, 0.1 - 60.").waitFor();
  await bound.fill("2,5");
  await page.getByRole("button", { name: "Measure" }).click();
  await page.getByText("Waiting until nobody has asked for a moment.").waitFor();
  assert.deepEqual(fake.box.started, { bound_seconds: 2.5, every_minutes: 3 });
  const running = {
    ...fake.box.capacity.running,
    stage: "measuring",
    people: 4,
    repeated: 1,
    steps: [step(1, 0.7), step(2, 1.4)],
  };
  fake.publish("capacity.changed", { running });
  await page.getByText("4 people at once. Steps thrown away since somebody asked: 1.").waitFor();
  assert.equal(await page.getByRole("table").getByRole("row").count(), 3);
  fake.box.capacity = wasMeasured();
  fake.publish("capacity.changed", {});
  await page.locator(".operate-lead", { hasText: "Serves 3 people at once at P95" }).waitFor();
  await page.getByText("About 22 employees who ask every 3 minutes.").waitFor();
  assert.equal(await page.locator(".operate-tag").count(), 2);
  // Every estimate says that it is one.
  assert.equal(await page.getByText(/^estimate, not measured, ±\d+ %$/).count(), 5);
  await page.getByText("Estimated / measured: speed 1.05, first token 0.92").waitFor();
  await page.getByLabel("Model on other devices").selectOption("Qwen3 4B Instruct 2507");
  await page.getByRole("region", { name: "Qwen3 4B Instruct 2507 on another device" }).waitFor();
  await page.getByText("256 or more").waitFor();
  await page.getByText("does not fit").waitFor();
});

test("a measurement is stopped", async () => {
  const { fake, page } = await open("/monitor/capacity", { more: { capacity: wasMeasured() } });
  await page.getByRole("button", { name: "Measure again" }).click();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.waitForTimeout(50);
  fake.box.capacity = { ...wasMeasured(), result: measured({ status: "stopped" }) };
  fake.publish("capacity.changed", {});
  await page.getByText("It was stopped.").waitFor();
  assert.equal(fake.box.stopped, true);
});

test("prices are edited, checked, kept and given up", async () => {
  const { fake, page } = await open("/monitor/cost");
  await page.getByRole("rowheader", { name: "This box" }).waitFor();
  assert.equal(await page.getByRole("cell", { name: "Example as of 2025; check your contract" }).count(), 3);
  await page.getByRole("cell", { name: "Assumed, not yours yet" }).waitFor();
  await page.getByRole("button", { name: "Edit the prices" }).click();
  const dialog = page.getByRole("dialog");
  const kwh = dialog.getByLabel("A kilowatt-hour");
  await kwh.fill("free");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByRole("alert").waitFor();
  assert.equal(await kwh.getAttribute("aria-invalid"), "true");
  await kwh.fill("0,25");
  await dialog.getByLabel("An hour").first().fill("0.7");
  await dialog.getByRole("button", { name: "Remove A small model" }).click();
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  assert.equal(fake.box.prices.own.kwh, 0.25);
  assert.deepEqual(fake.box.prices.cloud[0], { ...fake.box.prices.cloud[0], hour: 0.7, example: false, as_of: "" });
  assert.equal(fake.box.prices.managed.length, 1);
  await page.getByText("Your own sheet is used.").waitFor();
  await page.getByRole("cell", { name: "Assumed, not yours yet" }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Edit the prices" }).click();
  await page.getByRole("button", { name: "Back to the shipped sheet" }).click();
  await page.getByText("The shipped examples are used.").waitFor();
});

for (const scheme of ["light", "dark"]) {
  for (const size of ["wide", "narrow"]) {
    test(`it can be read by everybody: ${scheme}, ${size}`, async () => {
      const { page } = await open("/monitor/capacity", {
        more: { capacity: wasMeasured() },
        scheme,
        viewport: sizes[size],
      });
      await page.locator(".operate-lead").waitFor();
      assert.deepEqual(await look(page, `capacity-${scheme}-${size}`), []);
      await page.getByText("What else would give").scrollIntoViewIfNeeded();
      assert.deepEqual(await look(page, `capacity-estimates-${scheme}-${size}`), []);
      await page.evaluate(() => {
        location.hash = "/monitor/cost";
      });
      await page.getByRole("rowheader", { name: "This box" }).waitFor();
      assert.deepEqual(await look(page, `cost-${scheme}-${size}`), []);
      await page.getByRole("button", { name: "Edit the prices" }).click();
      await page.getByRole("dialog").waitFor();
      assert.deepEqual(await look(page, `cost-prices-${scheme}-${size}`), []);
    });
  }
}

test("nothing was refused, broken or fetched from elsewhere", () => assert.deepEqual(faults, []));
