// A GPU that is lost in the middle of an answer: the built program with the
// fake worker, whose GPUs are files.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as fakes from "../fake/server.mjs";
import { run, startBox, startBrowser, top, watch } from "./box.mjs";
import { look, sizes } from "./looks.mjs";
import { ask, ended, lastAnswer, patience, writing } from "./page.mjs";

const model = "SmolLM2-135M-Instruct.Q4_1.gguf";
const story = "The keeper of the lighthouse counted the ships that passed in the night. ".repeat(8);
const library = "a library in name only";

let folder;
let box;
let browser;
const faults = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "alcove-gpu-"));
  const worker = join(folder, "worker");
  await run("go", ["build", "-o", worker, "./engine/local/fakeworker"], { cwd: top });
  await makeRuntime(join(folder, "runtime"));
  await mkdir(join(folder, "models"));
  await copyFile(join(top, "build/models", model), join(folder, "models", model));
  const script = {
    text: story,
    pause: 20e6, // nanoseconds between two tokens
    on_gpu: { do: "abort", at: "decode", step: 60 },
  };
  await writeFile(join(folder, "models", `${model}.json`), JSON.stringify(script));
  box = await startBox({ models: join(folder, "models"), runtime: join(folder, "runtime"), worker });
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await box?.close();
  await rm(folder, { recursive: true, force: true });
});

// makeRuntime makes what the program takes for llama.cpp's libraries, with CUDA
// and one card.
async function makeRuntime(dir) {
  await mkdir(dir);
  const sum = createHash("sha256").update(library).digest("hex");
  const pinned = JSON.parse(await readFile(join(top, "build/runtime/lib/lock.json"), "utf8"));
  const lock = {
    llama_cpp: pinned.llama_cpp,
    yzma: pinned.yzma,
    platforms: {
      [`linux/${process.arch === "x64" ? "amd64" : process.arch}`]: {
        files: { "libllama.so.0": sum },
        links: { "libllama.so": "libllama.so.0" },
        optional: { cuda: { files: { "libggml-cuda.so": sum }, bytes: { "libggml-cuda.so": library.length } } },
      },
    },
  };
  await writeFile(join(dir, "lock.json"), JSON.stringify(lock));
  await writeFile(join(dir, "libllama.so.0"), library);
  await symlink("libllama.so.0", join(dir, "libllama.so"));
  await writeFile(join(dir, "libggml-cuda.so"), library);
  const card = { name: "CUDA0", description: "A card", backend: "cuda", kind: "gpu", total: 16e9, free: 15e9 };
  await writeFile(join(dir, "devices-cuda.json"), JSON.stringify({ devices: [card] }));
}

test("an answer survives the loss of its GPU, and the page says loudly that the CPU computes", async () => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  context.setDefaultTimeout(patience);
  watch(context, box.base, faults);
  const page = await context.newPage();
  await page.goto(await box.link());
  await page.locator(".strip").getByText("cuda (fake)").waitFor();
  await ask(page, "Tell me about the lighthouse.");
  await writing(page);
  await unlink(join(folder, "runtime/devices-cuda.json")); // from now on its driver crashes
  await ended(page);
  assert.equal(await lastAnswer(page).locator(".prose").innerText(), story.trim(), "not a letter is lost or doubled");
  const banner = page.getByRole("alert").filter({ hasText: "Answers are slower than they could be" });
  await banner.getByText("on the CPU").waitFor();
  await banner.getByRole("button", { name: "Why" }).click();
  await page.getByRole("dialog").getByText("Answers are computed on CPU (fake).").waitFor();
  await context.close();
});

const loaded = {
  id: "SmolLM2-135M-Instruct.Q4_1",
  name: "Smollm2 135M",
  state: "loaded",
  default: true,
  test: true,
  size_bytes: 98e6,
  parameters: "135M",
  context: 8192,
};

const lost = {
  model: "SmolLM2-135M-Instruct.Q4_1",
  ready: true,
  device: "CPU (haswell)",
  gpu_reason:
    "The GPU failed, so answers are computed on the CPU now, and go on where they were. CUDA: the worker ended, signal: aborted. It is tried again from time to time; if this stays, look after its driver.",
  devices: [{ name: "CUDA0", description: "NVIDIA L4", backend: "cuda", kind: "gpu", total: 2.4e10, free: 2.3e10 }],
  library: "v0.5.0",
  restarts: 1,
  active: 0,
  queued: 0,
  loaded: [],
};

for (const [scheme, size] of [
  ["light", "wide"],
  ["dark", "narrow"],
]) {
  test(`a GPU that is not used is told loudly, ${scheme}, ${size}`, async () => {
    const fit = {
      ...fakes.fits("fits", 4e8, 2e10, 2.2e10),
      devices: [
        { name: "host", layers: 30, weights: 1.2e8, kv: 1.9e8, compute: 7e6, process: 2e8, free: 2.2e10, reserve: 2e9 },
      ],
      rejected: [{ code: "gpu_memory", sentence: "CUDA0 would need 1.2 GB, and 0.8 GB are free." }],
    };
    const facts = {
      cpu: { name: "A processor", cores: 8 },
      memory: { total: 3.2e10 },
      gpus: [{ name: "NVIDIA L4", driver: "580.12" }],
    };
    const fake = await fakes.startFake({
      models: [{ ...loaded, fit }],
      status: lost,
      facts,
    });
    const context = await browser.newContext({ viewport: sizes[size], colorScheme: scheme, reducedMotion: "reduce" });
    context.setDefaultTimeout(patience);
    watch(context, fake.base, faults);
    const page = await context.newPage();
    await page.goto(fake.base);
    const banner = page.getByRole("alert").filter({ hasText: "Answers are slower than they could be" });
    await banner.waitFor();
    assert.deepEqual(await look(page, `degraded-${scheme}-${size}`), []);
    await banner.getByRole("button", { name: "Why" }).click();
    const why = page.getByRole("dialog", { name: "Why this device" });
    await why.getByText("CUDA0 would need 1.2 GB").waitFor();
    await why.getByText("NVIDIA L4 is there (driver 580.12)").waitFor();
    assert.deepEqual(await look(page, `why-${scheme}-${size}`), []);
    await page.keyboard.press("Escape");
    await banner.getByRole("button", { name: "Hide" }).click();
    await banner.waitFor({ state: "detached" });
    // Another reason is another matter.
    fake.publish("engine.changed", { models: [loaded], status: { ...lost, gpu_reason: "CUDA0 was lost." } });
    await page.getByText("CUDA0 was lost.").waitFor();
    // It is over when the GPU answers again.
    fake.publish("engine.changed", {
      models: [loaded],
      status: { ...lost, gpu_reason: undefined, device: "CUDA0 NVIDIA L4" },
    });
    await banner.waitFor({ state: "detached" });
    await context.close();
    await fake.close();
  });
}

test("nothing was refused, broken or fetched from elsewhere", () => assert.deepEqual(faults, []));
