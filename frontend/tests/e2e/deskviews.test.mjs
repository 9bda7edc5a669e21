// HR's desk in both themes and widths with the fake box: each tab is looked at
// by axe and kept as a picture, and does what it says.
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

async function open({ scheme = "light", size = "wide" } = {}) {
  const fake = await fakes.startFake({ more: { documents: handbook() } });
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

const tab = async (page, name, region) => {
  await page.goto(`${new URL(page.url()).origin}/#/documents/hr/${name}`);
  await page.getByRole("region", { name: region }).waitFor();
};
const row = (page, name) => page.getByRole("article", { name });

async function askHandbook(page, text) {
  await page.getByRole("button", { name: "Choose documents to ask" }).waitFor();
  await question(page).press("#");
  await page.getByRole("option", { name: /^HR handbook/ }).click();
  await page.getByRole("button", { name: /^Answers only from HR handbook/ }).waitFor();
  await ask(page, text);
  await ended(page);
}

const states = {
  "desk-inbox": async (page) => {
    await tab(page, "inbox", "Inbox");
    await row(page, "May I bring my dog to the office?").getByText("What was looked at").click();
    await page.getByText("What the documents say nearest to it now").waitFor();
  },
  "desk-answer": async (page) => {
    await tab(page, "inbox", "Inbox");
    await row(page, "Who pays for my bicycle?").getByRole("button", { name: "Write an answer" }).click();
    await page.getByRole("dialog").getByLabel("In force from").waitFor();
    await page.getByRole("button", { name: "Find passages" }).click();
    await page.getByRole("checkbox", { name: /^handbook-2026/ }).check();
  },
  "desk-given": async (page) => {
    await askHandbook(page, "May I work from abroad?");
    await lastAnswer(page).getByText("Approved answer").waitFor();
    await lastAnswer(page).getByRole("button", { name: "Let the model answer" }).waitFor();
  },
  "desk-answered": async (page) => {
    await tab(page, "inbox", "Inbox");
    await row(page, "Who pays for my bicycle?").getByRole("button", { name: "Write an answer" }).click();
    await page.getByRole("dialog").getByLabel("Answer").fill("You do. HR pays for the lock.");
    await page.getByRole("button", { name: "Approve" }).click();
    await page.getByText("Saved and indexed.").waitFor();
  },
  "desk-answers": async (page) => {
    await tab(page, "answers", "Approved answers");
    await page.getByText("Found by questions").first().waitFor();
    await page.getByText("Rests: look at it again").waitFor();
  },
  "desk-gaps": async (page) => {
    await tab(page, "gaps", "Gaps");
    await page.getByRole("button", { name: "Show the questions on dog, office" }).waitFor();
  },
  "desk-golden": async (page) => {
    await tab(page, "golden", "Golden questions");
    await page.getByText("2 of 3 passed, 1 broken").waitFor();
  },
  "desk-golden-edit": async (page) => {
    await tab(page, "golden", "Golden questions");
    await page.getByRole("button", { name: "Edit: And for twins?" }).click();
    await page
      .getByRole("dialog")
      .getByRole("textbox", { name: /^Sentence/ })
      .waitFor();
  },
  "desk-refused": async (page) => {
    await askHandbook(page, "What is the moon made of?");
    await lastAnswer(page).getByText("This question was passed on to HR without your name.").waitFor();
    await lastAnswer(page).getByRole("button", { name: "Bad answer" }).click();
    await lastAnswer(page).getByLabel("What was wrong?").waitFor();
  },
  compare: async (page) => {
    await page.goto(`${new URL(page.url()).origin}/#/documents/hr`);
    await page.getByRole("button", { name: "Actions for handbook-2026.pdf" }).first().click();
    await page.getByRole("menuitem", { name: "Compare with the version before" }).click();
    await page.getByText("3 changes").waitFor();
  },
};

for (const [scheme, size] of [
  ["light", "wide"],
  ["dark", "wide"],
  ["light", "narrow"],
]) {
  test(`the desk, every state, ${scheme}, ${size}`, async () => {
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

test("a question is dismissed and opened again; the counts follow", async () => {
  const { page } = await open();
  await tab(page, "inbox", "Inbox");
  const filter = (name) => page.getByRole("group", { name: "Which questions" }).getByRole("button", { name });
  await filter("Open 6").waitFor();
  await row(page, "Who pays for my bicycle?").getByRole("button", { name: "Dismiss" }).click();
  await filter("Open 5").waitFor();
  await row(page, "Who pays for my bicycle?").waitFor({ state: "detached" });
  await filter("Dismissed 2").click();
  assert.equal(await filter("Dismissed 2").getAttribute("aria-pressed"), "true");
  await row(page, "Who pays for my bicycle?").getByRole("button", { name: "Open again" }).click();
  await filter("Open 6").waitFor();
});

test("a topic's questions are shown in the inbox, and all of them again", async () => {
  const { page } = await open();
  await tab(page, "gaps", "Gaps");
  await page.getByRole("button", { name: "Show the questions on dog, office" }).click();
  await page.getByText("Questions on: dog, office").waitFor();
  const list = page.getByRole("list", { name: "Open" }).getByRole("article");
  assert.equal(await list.count(), 2);
  await page.getByRole("button", { name: "All questions" }).click();
  await row(page, "Who pays for my bicycle?").waitFor();
});

test("an approved answer is changed and deleted", async () => {
  const { fake, page } = await open();
  await tab(page, "answers", "Approved answers");
  await page.getByRole("button", { name: "Edit: May I work from abroad?" }).click();
  await page.getByRole("dialog").getByLabel("Answer").fill("Yes, up to 30 days.");
  await page.getByRole("button", { name: "Approve" }).click();
  await page.getByText("Saved and indexed.").waitFor();
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByText("Yes, up to 30 days.").waitFor();
  await page.getByRole("button", { name: "Delete: May I work from abroad?" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await row(page, "May I work from abroad?").waitFor({ state: "detached" });
  assert.deepEqual(
    fake.box.documents.desk.answers.map(({ id }) => id),
    ["a2"],
  );
});

test("golden questions: one is added, they run, another run is looked at", async () => {
  const { fake, page } = await open();
  fake.box.documents.desk.pace = 200;
  await tab(page, "golden", "Golden questions");
  await page.getByRole("button", { name: "Add a question" }).click();
  await page
    .getByRole("dialog")
    .getByRole("textbox", { name: "Question", exact: true })
    .fill("When is the office open?");
  await page
    .getByRole("dialog")
    .getByRole("textbox", { name: /^Sentence/ })
    .fill("From seven to eight.");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("list", { name: "Questions", exact: true }).getByText("When is the office open?").waitFor();
  await page.getByRole("button", { name: "Run now" }).click();
  await page.getByRole("progressbar", { name: "Questions asked" }).waitFor();
  await page.getByText("4 of 4 passed").waitFor();
  await page.getByRole("progressbar", { name: "Questions asked" }).waitFor({ state: "detached" });
  await page.getByRole("navigation", { name: "Runs" }).getByRole("button").nth(1).click();
  await page.getByText("2 of 3 passed, 1 broken").waitFor();
  await page.getByRole("button", { name: "Back to the shipped ones" }).click();
  await page.getByRole("button", { name: "Forget these and go back" }).click();
  await page.getByText("The shipped questions: 1").waitFor();
});

test("a thumb is kept with its note, and is there after a reload", async () => {
  const { fake, page } = await open();
  await askHandbook(page, "How long is parental leave?");
  const thumb = (name) => lastAnswer(page).getByRole("button", { name });
  await thumb("Good answer").click();
  await lastAnswer(page).locator('[aria-label="Good answer"][aria-pressed="true"]').waitFor();
  await thumb("Bad answer").click();
  await lastAnswer(page).getByLabel("What was wrong?").fill("Not for part-time staff.");
  await page.getByRole("button", { name: "Send to HR" }).click();
  await page.getByText("HR reads your note without your name.").waitFor();
  await page.reload();
  await lastAnswer(page).locator('[aria-label="Bad answer"][aria-pressed="true"]').waitFor();
  assert.equal(await thumb("Good answer").getAttribute("aria-pressed"), "false");
  const given = fake.box.documents.desk.ratings.map(({ rating, note }) => note ?? rating);
  assert.deepEqual(given, ["up", "down", "Not for part-time staff."]);
});

test("nothing was refused, broken or fetched from elsewhere", () => assert.deepEqual(faults, []));
