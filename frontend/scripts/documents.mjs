// Pictures of documents for the README: the sample handbook is read, then asked.
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ask, ended, lastAnswer, patience, question } from "../tests/e2e/page.mjs";

const folder = fileURLToPath(new URL("../../examples/handbook/", import.meta.url));
const asked = "How many days of annual leave do permanent full-time staff get?";

export async function documentPictures(page, box, picture) {
  const headers = { Origin: box.base };
  const made = await page.request.post(`${box.base}/api/v1/collections`, {
    headers,
    data: {
      id: "hr",
      title: "HR handbook",
      description: "What holds for everybody who works here.",
      languages: ["en", "de"],
      readers: ["everybody"],
      local_only: true,
    },
  });
  if (!made.ok()) throw new Error(await made.text());
  await page.goto(`${box.base}/#/documents/hr`);
  await page.getByText("There are no documents in this collection yet.").waitFor();
  const names = (await readdir(folder)).filter((name) => !name.endsWith(".json"));
  await page.locator("input[data-what=files]").setInputFiles(names.map((name) => folder + name));
  await page
    .getByRole("article")
    .nth(names.length - 1)
    .waitFor();
  await page
    .getByText("Up to date")
    .first()
    .waitFor({ timeout: 5 * patience });
  await picture("documents", "light", 1280, 800);
  await page.getByRole("button", { name: "Ask these documents" }).click();
  await question(page).waitFor();
  await ask(page, asked);
  await ended(page);
  await lastAnswer(page).locator(".quote-card").getByRole("button", { name: /^Open/ }).click();
  await page.getByRole("dialog").locator("mark").first().waitFor();
  await picture("citation", "light", 1280, 800);
  await page.keyboard.press("Escape");
}
