// Writes src/api/types.gen.ts from the server's OpenAPI document. With --check
// it compares instead and fails when the file is not what the document says.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const source = new URL("../../app/server/openapi.yaml", import.meta.url);
const target = new URL("../src/api/types.gen.ts", import.meta.url);

const head = "// Made by `npm run api` from app/server/openapi.yaml. Do not edit.\n";
const text = head + astToString(await openapiTS(source, { alphabetize: true, silent: true }));

if (process.argv.includes("--check")) {
  const kept = await readFile(target, "utf8").catch(() => "");
  if (kept !== text) {
    console.error("src/api/types.gen.ts does not match app/server/openapi.yaml: run `npm run api`");
    process.exit(1);
  }
} else {
  await writeFile(target, text);
}
