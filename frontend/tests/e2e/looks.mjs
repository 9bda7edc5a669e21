// How a page looks: pictures in tests/.out for people, and what axe finds.
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import AxeBuilder from "@axe-core/playwright";

const out = fileURLToPath(new URL("../.out/", import.meta.url));
await mkdir(out, { recursive: true });

export const sizes = { wide: { width: 1440, height: 900 }, narrow: { width: 360, height: 740 } };

// look takes the picture and gives what is wrong with the page.
export async function look(page, name) {
  await page.waitForTimeout(300);
  await page.screenshot({ path: `${out}${name}.png` });
  // The other mode opens a blank page for each look, for frames of strangers. Our pages have no frames.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  const wrong = violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${name}: ${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) wrong.push(`${name}: ${wide} px wider than the window`);
  return wrong;
}
