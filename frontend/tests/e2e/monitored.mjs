// A fake box with something to watch.
import * as fakes from "../fake/server.mjs";

// makeBox is a fake box with that many GPUs, on which the model lies.
export async function makeBox({ gpus = 1, more = {} } = {}) {
  const devices = Array.from({ length: gpus }, (_, index) => ({
    ...{ name: `CUDA${index}`, description: "NVIDIA L4", backend: "cuda", kind: "gpu", total: 2.4e10, free: 2.3e10 },
  }));
  const lies = { layers: 28, weights: 4.4e9, kv: 3.1e9, compute: 5e8, process: 3e8, free: 2.2e10, reserve: 1e9 };
  const fit = { ...fakes.fits("fits", 4e8, 2e10, 2.2e10), cells: 16_384 };
  fit.devices = [{ ...lies, name: "host", weights: 1.2e9, kv: 0 }, ...devices.map(({ name }) => ({ ...lies, name }))];
  const model = {
    id: "smollm2-135m",
    name: "SmolLM2",
    state: "loaded",
    default: true,
    test: false,
    size_bytes: 98e6,
    fit,
  };
  const loaded = [{ model: model.id, ready: true, active: 2, queued: 1, cells: 16_384, cells_used: 3000 }];
  const device = gpus > 0 ? "CUDA0 NVIDIA L4" : "CPU";
  const status = { model: model.id, ready: true, device, devices, restarts: 0, active: 2, queued: 1, loaded };
  return fakes.startFake({ models: [model], status, more: { machine: { gpus }, ...more } });
}

// framesIn tells how many frames a second the page drew meanwhile.
export async function framesIn(page, work) {
  await page.evaluate(() => {
    const counter = { frames: 0, began: performance.now() };
    window.counter = counter;
    const count = () => {
      counter.frames++;
      if (window.counter === counter) requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
  });
  await work();
  return page.evaluate(() => Math.round((window.counter.frames * 1000) / (performance.now() - window.counter.began)));
}
