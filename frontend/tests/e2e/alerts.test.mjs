// The alerts tab in a real browser: a rule is edited, a channel tested, an
// alert comes by event; in both themes and widths, looked at by axe.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { alert, busyAlerts, quietBox } from "../fake/alerts.mjs";
import * as fakes from "../fake/server.mjs";
import { startBrowser, watch } from "./box.mjs";
import { look, sizes } from "./looks.mjs";
import { patience } from "./page.mjs";

let browser;
const faults = [];

before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

const opened = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
  assert.deepEqual(faults.splice(0), []);
});

async function open(alerts, { scheme = "light", size = "wide", permissions = [] } = {}) {
  const fake = await fakes.startFake({ more: { alerts: { ...quietBox(), ...alerts } } });
  opened.push(fake.close);
  const context = await browser.newContext({ viewport: sizes[size], colorScheme: scheme, reducedMotion: "reduce" });
  opened.push(() => context.close());
  context.setDefaultTimeout(patience);
  if (permissions.length > 0) await context.grantPermissions(permissions, { origin: fake.base });
  watch(context, fake.base, faults);
  const page = await context.newPage();
  await page.goto(`${fake.base}/#/monitor/alerts`);
  await page.getByRole("heading", { name: "Whom to tell" }).waitFor();
  return { fake, page };
}

const section = (page, name) => page.getByRole("region", { name });

test("a rule is edited, refused, and saved", async () => {
  const { fake, page } = await open({});
  const rules = section(page, "Rules");
  await rules.getByText("A GPU is hot").click();
  await rules.getByLabel("Limit (°C)").fill("70");
  await rules.getByRole("button", { name: "Save" }).click();
  await rules.getByText("It would end while it is still above the threshold").waitFor();
  assert.equal(await rules.getByLabel("Ends at (°C)").getAttribute("aria-invalid"), "true");
  await rules.getByLabel("Limit (°C)").fill("90");
  // The keyboard alone: the switch of the first rule.
  await rules.getByRole("checkbox", { name: "On: A GPU is lost" }).press("Space");
  await rules.getByRole("button", { name: "Save" }).press("Enter");
  await rules.getByText("Saved.").waitFor();
  await rules.getByText("above 90 °C for 60 s").waitFor();
  const [lost, , , hot] = fake.box.alerts.rules;
  assert.deepEqual([lost.enabled, hot.above, hot.clear], [false, 90, 80]);
  await rules.getByRole("button", { name: "Back to the shipped rules" }).click();
  await rules.getByRole("button", { name: "Forget these rules and go back" }).click();
  await rules.getByText("above 85 °C for 60 s").waitFor();
});

test("a channel is filled in, saved and tested", async () => {
  const { fake, page } = await open({ refuses: { email: "The name mail.example.com was not found." } });
  const channels = section(page, "Whom to tell");
  await channels.getByLabel("Send e-mail").check();
  await channels.getByLabel("Mail server").fill("mail.example.com");
  await channels.getByLabel("Encryption").selectOption("tls");
  assert.equal(
    await channels.getByRole("spinbutton", { name: "Port" }).inputValue(),
    "465",
    "the usual port follows the encryption",
  );
  await channels.getByLabel("User name").fill("alcove");
  await channels.getByLabel("Password").fill("secret");
  await channels.getByLabel("From", { exact: true }).first().fill("alcove@example.com");
  await channels.getByLabel("To (addresses").fill("it@example.com\nnight@example.com");
  await channels.getByRole("button", { name: "Save and test E-mail" }).click();
  await channels.getByText("The name mail.example.com was not found.").waitFor();
  assert.deepEqual(fake.box.alerts.channels.email.to, ["it@example.com", "night@example.com"]);
  assert.equal(fake.box.alerts.channels.email.password_set, true);
  assert.equal(await channels.getByLabel("Password").inputValue(), "", "a secret does not come back");
  fake.box.alerts.refuses = {};
  await channels.getByRole("button", { name: "Test E-mail" }).click();
  await channels.getByText("Sent. Look whether it has arrived.").waitFor();
  assert.deepEqual(fake.box.alerts.tests, ["email", "email"]);
  await channels.getByRole("button", { name: /^Remove ?: Password$/ }).click();
  assert.deepEqual(await look(page, "alerts-secret"), []);
  await channels.getByRole("button", { name: "Save", exact: true }).click();
  await channels.getByText("Saved.").waitFor();
  assert.equal(fake.box.alerts.channels.email.password_set, false);
});

test("an alert comes by event, wherever the person is, and goes", async () => {
  const { fake, page } = await open({}, { permissions: ["notifications"] });
  await page.evaluate(() => {
    window.told = [];
    window.Notification = class {
      static permission = "granted";
      constructor(title, options) {
        window.told.push([title, options.tag]);
      }
    };
  });
  const firing = section(page, "Firing now");
  await firing.getByText("Nothing is firing.").waitFor();
  const hot = alert();
  fake.box.alerts.firing = [hot];
  fake.publish("alert.changed", hot);
  fake.publish("alert.notice", { event: "alert.fired", delivery: "d1", title: hot.title, text: hot.text });
  await firing.getByText("GPU temperature: 91 °C").waitFor();
  await page
    .getByRole("region", { name: "Notices" })
    .or(page.locator(".notices"))
    .getByText("A GPU is hot.")
    .first()
    .waitFor();
  assert.deepEqual(await page.evaluate(() => window.told), [["A GPU is hot", "d1"]]);
  const over = { ...hot, resolved_at: new Date(Date.now() + 61_000).toISOString(), ended: "recovered" };
  fake.box.alerts.firing = [];
  fake.box.alerts.history = [over];
  fake.publish("alert.changed", over);
  await firing.getByText("Nothing is firing.").waitFor();
  await section(page, "What fired before").getByRole("cell", { name: "91 °C, limit 85 °C" }).waitFor();
});

for (const scheme of ["light", "dark"]) {
  for (const size of ["wide", "narrow"]) {
    test(`looks: ${scheme}, ${size}`, async () => {
      const { fake, page } = await open(busyAlerts(), { scheme, size });
      const wrong = await look(page, `alerts-firing-${scheme}-${size}`);
      await section(page, "Rules").getByText("A GPU is hot").click();
      const channels = section(page, "Whom to tell");
      await channels.getByLabel("Show alerts on the desktop").check();
      await channels.getByLabel("Send e-mail").check();
      await channels.getByLabel("Call a webhook").check();
      await channels.getByLabel("Write to syslog").check();
      await channels.getByLabel("Hold notices back at night").check();
      fake.box.alerts.refuses = { webhook: "The server answered 503 Service Unavailable." };
      await channels.getByRole("button", { name: "Save and test Webhook" }).click();
      await channels.getByText("503").waitFor();
      await page.locator(".rules").scrollIntoViewIfNeeded();
      wrong.push(...(await look(page, `alerts-rules-${scheme}-${size}`)));
      await channels.getByLabel("Mail server").scrollIntoViewIfNeeded();
      wrong.push(...(await look(page, `alerts-channels-${scheme}-${size}`)));
      await section(page, "What fired before").locator("table").scrollIntoViewIfNeeded();
      wrong.push(...(await look(page, `alerts-history-${scheme}-${size}`)));
      assert.deepEqual(wrong, []);
    });
  }
}
