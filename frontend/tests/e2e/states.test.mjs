// Each state of the page, in both themes and widths: looked at by axe, and
// kept as pictures in tests/.out for people to look at. The states come from
// the fake box, because the real one reaches them rarely.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, afterEach, before, test } from "node:test";
import * as fakes from "../fake/server.mjs";
import { startBrowser, watch } from "./box.mjs";
import { look, sizes } from "./looks.mjs";
import { ask, ended, lastAnswer, patience, question } from "./page.mjs";

let browser;
const faults = [];

before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

// What a test opened, closed also when it failed.
const opened = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function startFake(options) {
  const fake = await fakes.startFake(options);
  opened.push(fake.close);
  return fake;
}

async function open(fake, scheme, size) {
  const context = await browser.newContext({ viewport: sizes[size], colorScheme: scheme, reducedMotion: "reduce" });
  opened.push(() => context.close());
  context.setDefaultTimeout(patience);
  watch(context, fake.base, faults);
  const page = await context.newPage();
  await page.goto(fake.base);
  return page;
}

const states = {
  welcome: async () => undefined,
  answer: async (page) => {
    await ask(page, "What is the capital of France?");
    await ended(page);
    await ask(page, "rich");
    await ended(page);
    await page.locator(".tok-comment").first().waitFor();
    await lastAnswer(page).locator(".figures-line").click();
  },
  thoughts: async (page) => {
    await ask(page, "think");
    await ended(page);
    const answer = lastAnswer(page);
    assert.equal(await answer.getByText("France is asked for").isVisible(), false, "thoughts are folded");
    await answer.getByText("What the model thought").click();
    await answer.getByText("France is asked for").waitFor();
    await answer.getByText("Paris.").waitFor();
  },
  queued: (page) => ask(page, "queued"),
  loading: (page) => ask(page, "loading"),
  reading: async (page) => {
    await ask(page, "reading");
    await page.getByText("Reading 384 of 1,210 tokens").first().waitFor();
  },
  resuming: async (page) => {
    await ask(page, "resuming");
    await page.getByText("The engine restarted; the answer goes on").first().waitFor();
  },
  failed: async (page) => {
    await ask(page, "fail");
    await page.getByRole("button", { name: "Try again" }).waitFor();
  },
  refused: async (page) => {
    await ask(page, "refuse");
    await page.getByRole("button", { name: "Send again" }).waitFor();
  },
  settings: async (page) => {
    await page.keyboard.press("Control+,");
    await page.getByRole("dialog").waitFor();
  },
  shortcuts: async (page) => {
    await page.keyboard.press("Control+/");
    await page.getByRole("dialog").waitFor();
  },
  missing: async (page) => {
    await page.goto(`${new URL(page.url()).origin}/#/c/00000000-0000-4000-8000-000000000000`);
    await page.getByText("This conversation cannot be shown").waitFor();
  },
  picker: async (page) => {
    await page.locator(".picker").click();
    await page.getByPlaceholder("Find a model").waitFor();
  },
  list: async (page) => {
    const open = await page.locator(".shell").getAttribute("data-sidebar");
    if (open === "closed") await page.keyboard.press("Control+b");
    await page.getByText("Previous 7 days").waitFor();
  },
};

const models = [
  {
    id: "Qwen3-4B-Instruct-Q4_K_M",
    name: "Qwen3 4B Instruct",
    state: "ready",
    default: false,
    test: false,
    size_bytes: 2.5e9,
    parameters: "4B",
    context: 32768,
    fit: fakes.fits("wont_fit", 3.1e9, 1.6e9, 1.8e9),
  },
  {
    id: "SmolLM2-135M-Instruct.Q4_1",
    name: "Smollm2 135M",
    state: "loaded",
    default: true,
    test: true,
    size_bytes: 98e6,
    parameters: "135M",
    context: 8192,
  },
  {
    id: "broken",
    name: "broken",
    state: "refused",
    reason: "This file ends before its tensors do.",
    default: false,
    test: false,
    size_bytes: 4e6,
    parameters: "",
    context: 0,
  },
  {
    id: "crashes",
    name: "crashes",
    state: "set_aside",
    reason: "It made the engine stop three times within a minute.",
    default: false,
    test: false,
    size_bytes: 4e8,
    parameters: "0.6B",
    context: 4096,
  },
];

function someConversations(box) {
  const titles = [
    "Holiday rules in plain words",
    "Letter of reference",
    "Onboarding checklist for the first week in the new office",
    "Notes",
  ];
  titles.forEach((title, i) => {
    const id = `0000000${i}-0000-4000-8000-000000000000`;
    const at = new Date(Date.now() - [0, 26, 80, 400][i] * 3_600_000).toISOString();
    box.conversations.set(id, { id, title, created_at: at, updated_at: at });
  });
}

// Each theme and each width once: colours do not depend on the width.
for (const [scheme, size] of [
  ["light", "wide"],
  ["dark", "narrow"],
]) {
  test(`every state, ${scheme}, ${size}`, async () => {
    const wrong = [];
    for (const [name, reach] of Object.entries(states)) {
      const fake = await startFake({ models });
      if (name === "list" || name === "picker") someConversations(fake.box);
      const page = await open(fake, scheme, size);
      await question(page).waitFor();
      await reach(page);
      wrong.push(...(await look(page, `${name}-${scheme}-${size}`)));
      await page.context().close();
      await fake.close();
    }
    assert.deepEqual(wrong, []);
  });
}

test("signed out, no model, list that cannot be read, no connection", async () => {
  let fake = await startFake({ signedIn: false });
  let page = await open(fake, "light", "wide");
  await page.getByText("alcove link").first().waitFor();
  assert.deepEqual(await look(page, "signin-light-wide"), []);
  await page.goto(`${fake.base}/#signin=good-token`);
  await page.getByText("Ready", { exact: true }).waitFor();
  await page.waitForTimeout(500);
  // The sign-in ends behind the page's back.
  fake.box.signedIn = false;
  await ask(page, "Are you there?");
  await page.getByText("alcove link").first().waitFor();
  await page.context().close();
  await fake.close();

  fake = await startFake({
    models: [],
    status: {
      ready: false,
      reason: "There is no model yet. Put a .gguf file into the models folder.",
      restarts: 0,
      active: 0,
      queued: 0,
    },
  });
  fake.box.broken.add("GET conversations");
  page = await open(fake, "light", "wide");
  await page.getByText("Something went wrong inside Alcove.").waitFor();
  assert.deepEqual(await look(page, "nomodel-light-wide"), []);
  await page.context().close();
  await fake.close();

  fake = await startFake();
  page = await open(fake, "dark", "wide");
  await question(page).waitFor();
  await page.getByText("Ready", { exact: true }).waitFor();
  await fake.close();
  await page.getByText("Not connected, trying again").waitFor();
  await ask(page, "Are you there?");
  await page.getByText("Alcove cannot be reached.").waitFor();
  assert.deepEqual(await look(page, "lost-dark-wide"), []);
  await page.context().close();
});

test("hostile Markdown runs nothing and calls nobody (X01, X02, X03)", async () => {
  const hits = [];
  const canary = createServer((request, response) => {
    hits.push(request.url);
    response.end();
  });
  await new Promise((resolve) => canary.listen(0, "127.0.0.1", resolve));
  opened.push(() => canary.close());
  const host = `127.0.0.1:${canary.address().port}`;
  const fake = await startFake();
  const page = await open(fake, "light", "wide");
  await question(page).waitFor();
  await page.evaluate(() => {
    window.alert = () => document.body.setAttribute("data-ran", "yes");
    document.addEventListener("securitypolicyviolation", (event) =>
      document.body.setAttribute("data-refused", event.blockedURI),
    );
  });
  for (let at = 0; ; at++) {
    await ask(page, `hostile ${at} ${host}`);
    await ended(page);
    if ((await lastAnswer(page).innerText()).includes("no more carriers")) break;
    assert.equal(
      await page.evaluate(() => document.body.dataset.ran ?? document.body.dataset.refused ?? "no"),
      "no",
      `carrier ${at}`,
    );
    await page.keyboard.press("Control+Shift+O");
    await page.getByText("What would you like to know?").waitFor();
  }
  await page.waitForTimeout(500);
  assert.deepEqual(hits, []);
});

test("nothing was refused, broken or fetched from elsewhere", () => {
  assert.deepEqual(
    faults.filter((fault) => !/ERR_|Failed to fetch/.test(fault)),
    [],
  );
});
