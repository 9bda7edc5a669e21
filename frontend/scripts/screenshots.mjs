// Makes docs/pictures/*.png for the README from the running program and its
// real model: `npm run pictures` after `make build`; `npm run pictures documents`
// makes those of documents alone.
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { startBox, startBrowser } from "../tests/e2e/box.mjs";
import { ask, ended, patience, question } from "../tests/e2e/page.mjs";
import { documentPictures } from "./documents.mjs";

const out = fileURLToPath(new URL("../../docs/pictures/", import.meta.url));
const earlier = ["Give me three ideas for a team lunch.", "What is a heat pump?"];
const shown = ["What is the capital of France?", "Write a Python function that adds two numbers. Show the code."];

// busy asks one question after the other for a while, in a tab of its own.
async function busy(tab, ms) {
  const end = Date.now() + ms;
  await tab.goto(box.base);
  await question(tab).waitFor();
  for (let i = 0; Date.now() < end; i++) {
    await ask(tab, earlier[i % earlier.length]);
    await ended(tab);
    await tab.waitForTimeout(3000);
  }
  await tab.close();
}

async function machinePictures(page, picture) {
  for (const text of earlier) {
    await ask(page, text);
    await ended(page);
    await page.keyboard.press("Control+Shift+O");
    await page.getByText("What would you like to know?").waitFor();
  }
  for (const text of shown) {
    await ask(page, text);
    await ended(page);
  }
  await picture("chat-light", "light", 1280, 800);
  await picture("chat-dark", "dark", 1280, 800);
  await page.keyboard.press("Control+b");
  await picture("chat-narrow", "light", 390, 844);
  await page.keyboard.press("Control+b");
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`${box.base}/#/models`);
  await page.getByRole("heading", { name: "Models", exact: true, level: 2 }).waitFor();
  await page.getByText("SHA-256").first().waitFor({ state: "attached" });
  // The drop zone names the folder, which is of the machine that made the picture.
  await page.getByRole("button", { name: "Choose files" }).evaluate((button) => {
    button.closest("[class*=drop]").style.display = "none";
  });
  await picture("models", "light", 1280, 800);
  // Something has to be seen: five minutes of questions.
  await page.goto(`${box.base}/#/monitor`);
  await page.getByRole("figure", { name: "CPU", exact: true }).waitFor();
  await busy(await page.context().newPage(), 100_000);
  await picture("monitor-light", "light", 1280, 1600);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByText("What the machine did").evaluate((heading) => heading.scrollIntoView());
  await picture("monitor-dark", "dark", 1280, 800);
}

await mkdir(out, { recursive: true });
const box = await startBox();
const browser = await startBrowser();
try {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    deviceScaleFactor: 2,
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  await page.goto(await box.link());
  await question(page).waitFor();
  const picture = async (name, scheme, width, height) => {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await page.evaluate(() => document.activeElement?.blur());
    await page.mouse.move(0, 0);
    await page.waitForTimeout(500);
    await page.screenshot({ path: `${out}${name}.png` });
    console.log(`docs/pictures/${name}.png`);
  };
  if (process.argv[2] !== "documents") await machinePictures(page, picture);
  await documentPictures(page, box, picture);
} finally {
  await browser.close();
  await box.close();
}
