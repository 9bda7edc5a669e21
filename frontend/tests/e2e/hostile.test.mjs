// A page that is not ours, in the browser of somebody who is signed in, tries
// to read, write, frame and rebind. It gets nothing and changes nothing.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { startBox, startBrowser } from "./box.mjs";
import { question } from "./page.mjs";

let box;
let evil;
let browser;
let context;
let port;

before(async () => {
  box = await startBox();
  port = new URL(box.base).port;
  evil = createServer((_, response) =>
    response.setHeader("Content-Type", "text/html").end("<title>evil</title><body>"),
  );
  await new Promise((resolve) => evil.listen(0, "127.0.0.1", resolve));
  // Chromium's own guard of local addresses is off: the box must not need it.
  browser = await startBrowser([
    "--host-resolver-rules=MAP evil.test 127.0.0.1,MAP rebind.test 127.0.0.1",
    "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests",
  ]);
  context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(await box.link());
  await question(page).waitFor();
  await page.close();
});

after(async () => {
  await browser?.close();
  await box?.close();
  evil?.close();
});

// count asks the box itself, from its own page, how many conversations there are.
async function count() {
  const page = await context.newPage();
  await page.goto(box.base);
  const n = await page.evaluate(async () => (await (await fetch("/api/v1/conversations")).json()).conversations.length);
  await page.close();
  return n;
}

// attack runs in the hostile page and gives what it could read.
async function attack(base) {
  const body = JSON.stringify({ title: "planted" });
  const got = [];
  const tries = {
    read: () => fetch(`${base}/api/v1/conversations`, { credentials: "include" }).then((r) => r.text()),
    session: () => fetch(`${base}/api/v1/session`, { credentials: "include" }).then((r) => r.text()),
    models: () => fetch(`${base}/v1/models`, { credentials: "include" }).then((r) => r.text()),
    health: () => fetch(`${base}/healthz`).then((r) => r.text()),
    json: () =>
      fetch(`${base}/api/v1/conversations`, {
        method: "POST",
        credentials: "include",
        headers: { "Content-Type": "application/json" },
        body,
      }).then((r) => r.text()),
    plain: async () => {
      await fetch(`${base}/api/v1/conversations`, { method: "POST", mode: "no-cors", credentials: "include", body });
      throw new Error("nothing to read");
    },
    events: () =>
      new Promise((resolve, reject) => {
        const source = new EventSource(`${base}/api/v1/events`, { withCredentials: true });
        source.onmessage = source.onopen = () => resolve("events");
        source.onerror = reject;
      }),
    socket: () =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(`${base.replace("http", "ws")}/api/v1/events`);
        socket.onopen = () => resolve("socket");
        socket.onerror = reject;
      }),
    picture: () =>
      new Promise((resolve, reject) => {
        const picture = new Image();
        picture.onload = () => resolve("picture");
        picture.onerror = reject;
        picture.src = `${base}/alcove.svg`;
      }),
    script: () =>
      new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.onload = () => resolve("script");
        script.onerror = reject;
        script.src = `${base}/theme.js`;
        document.head.append(script);
      }),
  };
  for (const [name, run] of Object.entries(tries)) {
    try {
      got.push(`${name}: ${await run()}`);
    } catch {
      // refused, as it should be
    }
  }
  return got;
}

// A form needs no permission to send; only the server can refuse it.
async function submit(page, base) {
  await Promise.all([
    page.waitForNavigation(),
    page.evaluate((to) => {
      const form = document.createElement("form");
      form.method = "post";
      form.enctype = "text/plain";
      form.action = `${to}/api/v1/conversations`;
      const input = document.createElement("input");
      input.name = '{"title":"planted","x":"';
      input.value = '"}';
      form.append(input);
      document.body.append(form);
      form.submit();
    }, base),
  ]);
}

// The same site with another port is the hard case: the browser sends the cookie.
for (const host of ["evil.test", "127.0.0.1", "localhost"]) {
  test(`a page on ${host} reads nothing and writes nothing`, async () => {
    const before = await count();
    const page = await context.newPage();
    await page.goto(`http://${host}:${evil.address().port}/`);
    for (const base of [box.base, `http://localhost:${port}`]) assert.deepEqual(await page.evaluate(attack, base), []);
    await submit(page, box.base);
    assert.match(await page.locator("body").innerText(), /origin_not_allowed/);
    await page.close();
    assert.equal(await count(), before);
  });
}

test("the page cannot be put into a frame", async () => {
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${evil.address().port}/`);
  await page.evaluate((to) => {
    const frame = document.createElement("iframe");
    frame.src = to;
    document.body.append(frame);
    return new Promise((resolve) => {
      frame.onload = resolve;
    });
  }, box.base);
  const frame = page.frames()[1];
  assert.match(frame.url(), /^chrome-error:/);
  await page.close();
});

// The hostile page was loaded before its name was rebound: the browser takes
// the box for the page's own server.
test("a name that was rebound to this machine is refused", async () => {
  const page = await context.newPage();
  const home = `http://rebind.test:${port}/`;
  await page.route(home, (route) => route.fulfill({ contentType: "text/html", body: "<title>evil</title><body>" }));
  await page.goto(home);
  for (const path of ["/api/v1/session", "/api/v1/conversations", "/v1/models", "/healthz", "/metrics", "/theme.js"]) {
    const [status, text] = await page.evaluate(async (to) => {
      const answer = await fetch(to);
      return [answer.status, await answer.text()];
    }, path);
    assert.equal(status, 403, path);
    assert.match(text, /host_not_allowed/, path);
  }
  await page.unroute(home);
  assert.equal((await page.goto(home)).status(), 403);
  await page.close();
});

test("the same attack from the box's own page works, so the tries are real", async () => {
  const page = await context.newPage();
  await page.goto(box.base);
  const got = (await page.evaluate(attack, box.base)).map((line) => line.split(":")[0]);
  for (const name of ["read", "session", "json", "events", "picture", "script"]) assert.ok(got.includes(name), name);
  await page.close();
});
