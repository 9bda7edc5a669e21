import { chromium } from "playwright-core";
import { startFake } from "../fake/server.mjs";
import { startBrowser } from "./box.mjs";
const fake = await startFake();
const browser = await startBrowser();
for (const scheme of ["light","dark"]) {
const ctx = await browser.newContext({ viewport: scheme==="light"?{ width: 1280, height: 820 }:{width:420,height:820}, colorScheme: scheme });
const page = await ctx.newPage();
await page.goto(fake.base);
await page.locator("#question").waitFor();
await page.keyboard.press("Control+,");
await page.getByText("Read questions while").waitFor();
await page.waitForTimeout(400);
await page.screenshot({ path: `/tmp/ci/set-${scheme}.png` });
}
await browser.close(); await fake.close();
