// Starts the built program with its own data folder and port, and a browser.
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const top = fileURLToPath(new URL("../../../", import.meta.url));
const program = process.env.ALCOVE_PROGRAM ?? join(top, "build/bin/alcove");

// startBox serves from a new data folder and gives a one-time link maker. The
// engine has one thread: spinning threads collapse on a busy test machine.
export async function startBox({
  models = join(top, "build/models"),
  runtime = join(top, "build/runtime/lib"),
  worker = join(top, "build/bin/alcove-worker"),
} = {}) {
  const data = await mkdtemp(join(tmpdir(), "alcove-e2e-"));
  // PDF's reader is compiled for this machine once, not by each box.
  const compiled = join(tmpdir(), "alcove-test-pdfium");
  await mkdir(compiled, { recursive: true, mode: 0o700 });
  await symlink(compiled, join(data, "compiled"));
  const flags = ["--data", data, "--models", models, "--runtime", runtime];
  const child = spawn(program, ["serve", "--listen", "127.0.0.1:0", "--threads", "1", "--worker", worker, ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, HOME: data },
  });
  let log = "";
  child.stderr.on("data", (chunk) => {
    log += chunk;
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const base = await new Promise((resolve, reject) => {
    let out = "";
    child.stdout.on("data", (chunk) => {
      out += chunk;
      const found = /listening on (http:\/\/\S+)/.exec(out);
      if (found) resolve(found[1]);
    });
    child.once("error", reject);
    ended.then((code) => reject(new Error(`alcove ended with ${code} before it listened:\n${out}${log}`)));
  });
  const link = () => run(program, ["link", "--data", data]);
  const close = async () => {
    child.kill("SIGTERM");
    await ended;
    await rm(data, { recursive: true, force: true });
  };
  return { base, link, close, log: () => log };
}

export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk) => {
      out += chunk;
    });
    child.stderr.on("data", (chunk) => {
      err += chunk;
    });
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve(out.trim()) : reject(new Error(err))));
  });
}

export const startBrowser = (more = []) =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // The sandbox needs namespaces that containers and root do not give.
    args: ["--no-sandbox", "--disable-dev-shm-usage", ...more],
  });

// watch collects what must never happen in a page: script errors, refused
// resources, and requests to anywhere but the box.
export function watch(context, base, faults) {
  context.on("page", (page) => {
    page.on("pageerror", (error) => faults.push(`script error: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error" && !/Failed to load resource/.test(message.text()))
        faults.push(`console: ${message.text()}`);
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(base)) faults.push(`request to ${request.url()}`);
    });
  });
}
