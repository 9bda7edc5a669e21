// The fast checks, one after the other; all run, then the result is told.
import { spawnSync } from "node:child_process";

const steps = [
  ["messages", "npx", ["paraglide-js", "compile", "--project", "./project.inlang", "--outdir", "./src/messages/gen"]],
  ["types", "npx", ["tsc", "--noEmit"]],
  ["lint", "npm", ["run", "--silent", "lint"]],
  ["api types", "node", ["scripts/api.mjs", "--check"]],
  ["structure", "npx", ["vitest", "run", "tests/unit/structure.test.ts"]],
  ["unused", "npx", ["knip"]],
];

let failed = 0;
for (const [name, command, args] of steps) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  console.log(`${status === 0 ? "ok  " : "FAIL"} ${name}`);
  if (status !== 0) {
    console.log(stdout + stderr);
    failed++;
  }
}
process.exit(failed === 0 ? 0 : 1);
