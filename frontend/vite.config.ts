import { existsSync, writeFileSync } from "node:fs";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// The server that `npm run dev` talks to.
const target = process.env.ALCOVE_BASE ?? "http://127.0.0.1:8484";

// Go embeds dist/, so the folder must exist in a fresh clone: the committed
// dist/.keep has to come back after vite has emptied the folder.
function keepDist(): Plugin {
  return {
    name: "keep-dist",
    apply: "build",
    closeBundle() {
      if (!existsSync("dist/.keep")) writeFileSync("dist/.keep", "");
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss(), keepDist()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  build: {
    target: "es2022",
    // No data: addresses, so that the content security policy needs none.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    proxy: Object.fromEntries(
      ["/api", "/v1", "/healthz", "/readyz", "/version"].map((path) => [
        path,
        // The server checks Host and Origin, so both are made its own.
        { target, changeOrigin: true, headers: { origin: target } },
      ]),
    ),
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}", "tests/unit/**/*.test.{ts,tsx}"],
    setupFiles: ["tests/unit/setup.ts"],
    css: false,
  },
});
