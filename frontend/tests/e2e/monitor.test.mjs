// The page that watches the box, in a real browser against the fake box: what
// is drawn, what comes live, and what can be done with it.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, afterEach, before, test } from "node:test";
import { makeRequests, requestRow, sampleAt } from "../fake/monitor.mjs";
import { startBrowser, watch } from "./box.mjs";
import { look, sizes } from "./looks.mjs";
import { framesIn, makeBox } from "./monitored.mjs";
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

async function boxOf(options) {
  const fake = await makeBox(options);
  opened.push(fake.close);
  return fake;
}

async function open(fake, { hash = "/monitor", scheme = "light", viewport = sizes.wide, scale = 1 } = {}) {
  const looks = { viewport, colorScheme: scheme, reducedMotion: "reduce", deviceScaleFactor: scale };
  const context = await browser.newContext({ ...looks, acceptDownloads: true });
  opened.push(() => context.close());
  context.setDefaultTimeout(patience);
  watch(context, fake.base, faults);
  const page = await context.newPage();
  await page.goto(`${fake.base}/#${hash}`);
  return page;
}

const chart = (page, title) => page.getByRole("figure", { name: title, exact: true });

// inks counts the colours of a chart's canvas: a blank one has one.
const inks = (place) =>
  place.locator("canvas").evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const seen = new Set();
    for (let i = 0; i < data.length; i += 4) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
    return seen.size;
  });

const drawn = (page, at, least) =>
  page.waitForFunction(
    ([newest, count]) =>
      [...document.querySelectorAll(".chart-place")].filter((one) => Number(one.dataset.newest) === newest).length >=
      count,
    [at, least],
  );

test("ten live charts draw each sample, and the page keeps drawing", async () => {
  const fake = await boxOf();
  const page = await open(fake);
  await chart(page, "CPU").waitFor();
  const charts = await page.locator('section[aria-labelledby="machine-charts"] .chart-place').count();
  assert.equal(charts, 10);
  for (const title of ["CPU", "First word", "Network"])
    assert.ok((await inks(chart(page, title))) > 5, `${title} is blank`);

  const resting = await framesIn(page, () => page.waitForTimeout(2000));
  let at = Math.floor(Date.now() / 1000) + 1;
  const drawing = await framesIn(page, async () => {
    for (let i = 0; i < 20; i++) {
      fake.publish("monitor", sampleAt(++at));
      await drawn(page, at, charts);
    }
  });
  const pointing = await framesIn(page, async () => {
    const { x, y, width } = await chart(page, "CPU").locator(".u-over").boundingBox();
    for (let i = 0; i < 60; i++) await page.mouse.move(x + (width * i) / 60, y + 20);
  });
  console.log(
    `frames a second, ${charts + 6} charts: ${resting} at rest, ${drawing} while 20 samples came, ${pointing} with the pointer on them`,
  );
  // What is under the cursor is told by all charts at once.
  await chart(page, "CPU").locator(".u-over").hover();
  await page.waitForFunction(() => document.querySelectorAll(".chart-when:not(:empty)").length >= 10);
});

test("each chart has a table of the same", async () => {
  const page = await open(await boxOf());
  const cpu = chart(page, "CPU");
  assert.match(await cpu.getByRole("img").getAttribute("aria-label"), /^CPU\. CPU: [\d.]+ % now, .* mean [\d.]+ %\./);
  await cpu.getByRole("button", { name: "Show CPU as table" }).click();
  const table = cpu.getByRole("table");
  assert.deepEqual(await table.locator("thead th").allInnerTexts(), [
    "Time",
    "CPU",
    "engine",
    "taken by the hypervisor",
  ]);
  const rows = await table.locator("tbody tr").count();
  assert.ok(rows > 4 && rows <= 34, `${rows} rows`);
  await cpu.getByRole("button", { name: "Hide the table of CPU" }).click();
  await table.waitFor({ state: "detached" });
});

test("the range and the filters ask the box for what is shown", async () => {
  const fake = await boxOf();
  const page = await open(fake);
  const asked = [];
  page.on("request", (request) => asked.push(decodeURIComponent(request.url().replace(fake.base, ""))));
  await page.getByRole("radio", { name: "24 h" }).check({ force: true });
  await chart(page, "Disk").waitFor();
  for (const what of ["machine", "latency", "marks"]) {
    assert.ok(asked.includes(`/api/v1/monitor/${what}?minutes=1440`), `${what}: ${asked}`);
  }
  assert.ok((await inks(chart(page, "GPU load"))) > 5);
  const totals = page.getByRole("table", { name: "Totals of this time" });
  assert.equal(await totals.locator("tbody tr").count(), 3);
  await page.getByLabel("Way in").selectOption({ label: "Chat page" });
  await page.waitForFunction(
    () => document.querySelectorAll('[aria-label="Totals of this time"] tbody tr').length === 1,
  );
  assert.ok(asked.includes("/api/v1/monitor/latency?minutes=1440&route=chat"), String(asked));
  // The focus moves what scrolls, never the frame around it.
  await page.getByRole("radio", { name: "90 days" }).focus();
  assert.equal(await page.locator(".shell").evaluate((shell) => shell.scrollTop), 0);
  // The browser remembers the range.
  await page.reload();
  await chart(page, "Disk").waitFor();
  assert.equal(await page.getByRole("radio", { name: "24 h" }).isChecked(), true);
});

test("what needs attention comes and goes by itself", async () => {
  const fake = await boxOf();
  const page = await open(fake);
  await page.getByText("All is well.").waitFor();
  const item = {
    ...{ id: "hot", severity: "warning", since: new Date().toISOString(), title: "The GPU is slowed down" },
    ...{ cause: "It reached 92 °C.", advice: "Look after its fans." },
  };
  fake.publish("attention.changed", { items: [item] });
  await page.getByRole("listitem").getByText("The GPU is slowed down").waitFor();
  await page.getByText("Look after its fans.").waitFor();
  assert.equal(await page.getByText("All is well.").count(), 0);
  fake.publish("attention.changed", { items: [] });
  await page.getByText("All is well.").waitFor();
});

test("of a box that cannot be reached nobody says that it is well", async () => {
  const fake = await boxOf();
  const page = await open(fake);
  await page.getByText("All is well.").waitFor();
  await page.getByText("Visitor a1b2").waitFor();
  await fake.close();
  await page.getByText("The box cannot be reached, so nobody knows how it does.").waitFor();
  assert.equal(await page.getByText("All is well.").or(page.getByText("Visitor a1b2")).count(), 0);
});

test("tabs are addresses", async () => {
  const page = await open(await boxOf({ more: { requests: makeRequests(3) } }), { hash: "/" });
  await page.getByRole("link", { name: "Monitoring" }).click();
  await page.getByText("All is well.").waitFor();
  const tabs = page.getByRole("navigation", { name: "Parts of monitoring" });
  await tabs.getByRole("link", { name: "Requests" }).click();
  await page.locator(".requests table").waitFor();
  assert.match(page.url(), /#\/monitor\/requests$/);
  assert.equal(await tabs.locator('[aria-current="page"]').innerText(), "Requests");
  for (const name of ["Alerts", "Capacity", "Cost"]) {
    await tabs.getByRole("link", { name }).click();
    assert.equal(await tabs.locator('[aria-current="page"]').innerText(), name);
  }
  for (let i = 0; i < 3; i++) await page.goBack();
  await page.locator(".requests table").waitFor();
  await page.goBack();
  await page.getByText("All is well.").waitFor();
});

test("the log of requests: more, filters, a file, and new ones that do not jump", async () => {
  const fake = await boxOf({ more: { requests: makeRequests(250) } });
  const page = await open(fake, { hash: "/monitor/requests" });
  const rows = page.locator(".requests tbody tr");
  await rows.first().waitFor();
  assert.equal(await rows.count(), 100);
  await page.getByRole("button", { name: "Show older" }).click();
  await page.waitForFunction(() => document.querySelectorAll(".requests tbody tr").length === 200);

  // New ones come by themselves while nobody reads.
  const add = (id) => fake.box.requests.unshift(requestRow(id, Date.now(), { model: `new-${id}` }));
  await page.locator("#monitor-title").hover();
  await page.locator("#monitor-title").click();
  add(251);
  await rows.first().getByText("new-251").waitFor();
  // And wait while somebody does.
  await rows.nth(3).hover();
  add(252);
  await page.getByRole("button", { name: "Show 1 new" }).waitFor();
  await rows.first().getByText("new-251").waitFor();
  await page.getByRole("button", { name: "Show 1 new" }).click();
  await rows.first().getByText("new-252").waitFor();

  await page.getByLabel("Outcome").selectOption({ label: "Failed" });
  const failed = fake.box.requests.filter((row) => row.status === "failed").length;
  await page.waitForFunction(
    (count) => document.querySelectorAll('.requests tbody [data-status="failed"]').length === count,
    failed,
  );
  assert.equal(await rows.count(), failed);
  const coming = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download as CSV" }).click();
  const file = await coming;
  assert.equal(file.suggestedFilename(), "alcove-requests.csv");
  const lines = (await readFile(await file.path(), "utf8")).split("\r\n");
  assert.equal(lines.length, failed + 1);
  assert.match(lines[0], /^id,at,who,model/);
  assert.ok(lines.slice(1).every((line) => line.includes(",failed,")));
});

const quiet = {
  ...{ history: false, view: undefined },
  engine: { loaded: [], ready: false, reason: "No model is loaded." },
};
const states = {
  live: { gpus: 1 },
  many: { gpus: 16, more: { machine: { gpus: 16, cores: 128 } } },
  empty: { gpus: 0, more: { ...quiet, machine: { gpus: 0, cores: 2 } } },
  requests: { hash: "/monitor/requests", more: { requests: makeRequests(40) } },
  "no requests": { hash: "/monitor/requests" },
};
const views = {
  "light wide": { viewport: sizes.wide },
  "dark wide": { viewport: sizes.wide, scheme: "dark" },
  "dark narrow": { viewport: sizes.narrow, scheme: "dark" },
  // What 200 % zoom leaves of a laptop's window.
  "light zoomed": { viewport: { width: 720, height: 450 }, scale: 2 },
};

for (const [state, options] of Object.entries(states)) {
  for (const [view, how] of Object.entries(views)) {
    test(`${state} looks right, ${view}`, async () => {
      const fake = await boxOf(options);
      const page = await open(fake, { ...how, hash: options.hash });
      await page.locator(".monitor :is(.panel, .attention-well)").first().waitFor();
      if (!options.hash) await page.getByText("Over time").waitFor();
      fake.publish("monitor", sampleAt(Math.floor(Date.now() / 1000), fake.box.machine));
      if (!options.hash) await page.getByText("Disk of the data folder").waitFor();
      assert.deepEqual(await look(page, `monitor-${state}-${view}`.replaceAll(" ", "-")), []);
    });
  }
}

test("a box that does not answer is told of, and what was seen stays", async () => {
  const fake = await boxOf({ more: { requests: makeRequests(5) } });
  fake.box.broken.add("GET requests");
  const page = await open(fake, { hash: "/monitor/requests" });
  await page.getByRole("alert").getByText("Something went wrong inside Alcove").waitFor();
  fake.box.broken.clear();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.locator(".requests tbody tr").nth(4).waitFor();
  fake.box.broken.add("GET requests");
  await page.getByText("The newest requests could not be read.").waitFor();
  assert.equal(await page.locator(".requests tbody tr").count(), 5);
});

test("nothing was refused, broken or fetched from elsewhere", () => assert.deepEqual(faults, []));

test("usage: by model, and by person only when somebody says so and enough asked", async () => {
  const fake = await boxOf({ more: { requests: makeRequests(250) } });
  const page = await open(fake, { hash: "/monitor/requests" });
  const models = page.getByRole("table", { name: "By model" });
  await models.waitFor();
  assert.ok((await models.getByRole("row").count()) > 1);
  assert.equal(await page.getByRole("table", { name: "By person" }).count(), 0);
  const least = new Set(fake.box.requests.map((row) => row.who)).size;
  fake.box.settings.usage_min_group = least;
  await page.getByLabel("Say how much each person used").click();
  await page.getByRole("table", { name: "By person" }).waitFor();
  const group = page.getByLabel("Smallest group");
  await group.fill(String(least + 5));
  await group.blur();
  await page.getByText("Too few people asked to tell them apart.").waitFor();
  await group.fill("2");
  await group.blur();
  assert.equal(await group.inputValue(), String(least + 5));
  assert.equal(fake.box.settings.usage_min_group, least + 5);
});
