import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

// What holds for every file of the page.

const src = resolve("src");
const made = ["messages/gen/", "api/types.gen.ts"];

function filesUnder(folder: string, pattern: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => pattern.test(name) && !made.some((part) => name.includes(part)) && !name.includes("node_modules"))
    .map((name) => join(folder, name));
}

const sources = filesUnder(src, /\.tsx?$/);
const read = (file: string) => readFileSync(file, "utf8");

// Which layers a layer may import; the why is in DESIGN section 2.
const mayImport: Record<string, readonly string[]> = {
  api: ["api"],
  state: ["state", "api", "messages"],
  parts: ["parts", "messages"],
  views: ["views", "state", "api", "parts", "messages"],
};
// Views name wire types, but call the box through state only.
const typesOnly = new Set(["views>api"]);

describe("structure", () => {
  it("finds the page's files", () => {
    expect(sources.length).toBeGreaterThan(40);
  });

  it("imports go down: views -> state -> api, parts import neither", () => {
    const wrong: string[] = [];
    for (const file of sources) {
      const layer = relative(src, file).split("/")[0] ?? "";
      const allowed = mayImport[layer];
      if (!allowed) continue;
      for (const found of read(file).matchAll(/^(?:import|export)\s+(type\s)?[^"']*?from\s+"([^"]+)"/gms)) {
        const target = found[2] ?? "";
        const path = target.startsWith("@/")
          ? target.slice(2)
          : target.startsWith(".")
            ? relative(src, resolve(dirname(file), target))
            : null;
        if (path === null) continue;
        const to = path.split("/")[0] ?? "";
        const typed = Boolean(found[1]) || !typesOnly.has(`${layer}>${to}`);
        if (!allowed.includes(to) || !typed) wrong.push(`${relative(src, file)} imports ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("no file is longer than 300 lines", () => {
    const all = [
      ...sources,
      ...filesUnder(src, /\.css$/),
      ...filesUnder(resolve("tests"), /\.(ts|tsx|mjs)$/),
      ...filesUnder(resolve("scripts"), /\.mjs$/),
    ];
    const long = all
      .map((file) => ({ file: relative(".", file), lines: read(file).split("\n").length - 1 }))
      .filter(({ lines }) => lines > 300);
    expect(long).toEqual([]);
  });

  it("every text that a person reads comes from messages/en.json", () => {
    const found = sources.filter((file) => file.endsWith("x") && !file.includes(".test.")).flatMap(hardCoded);
    expect(found).toEqual([]);
  });

  it("every message is used", () => {
    const keys = Object.keys(JSON.parse(read(join(src, "messages/en.json"))));
    const all = sources.map(read).join("\n");
    expect(keys.filter((key) => !new RegExp(`\\bm\\.${key}\\b`).test(all))).toEqual([]);
  });

  it("names no other host", () => {
    const places = [
      ...sources,
      ...filesUnder(src, /\.css$/),
      resolve("index.html"),
      ...filesUnder(resolve("public"), /./),
    ];
    const wrong = places.filter((file) => /https?:\/\/(?!www\.w3\.org\/2000\/svg)/.test(read(file)));
    expect(wrong.map((file) => relative(".", file))).toEqual([]);
  });

  it("index.html has no inline script or style", () => {
    const html = read(resolve("index.html"));
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
    for (const [, attributes, body] of html.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)) {
      expect(attributes).toContain("src=");
      expect(body).toBe("");
    }
  });
});

const readable = new Set(["title", "placeholder", "alt", "label", "aria-label", "aria-description", "heading", "text"]);

// hardCoded finds words between tags and in attributes that people read.
function hardCoded(file: string): string[] {
  const tree = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isJsxText(node) && /\p{L}/u.test(node.text)) found.push(`${relative(src, file)}: ${node.text.trim()}`);
    if (ts.isJsxAttribute(node) && readable.has(node.name.getText()) && node.initializer) {
      const text = ts.isStringLiteral(node.initializer) ? node.initializer.text : "";
      if (/\p{L}/u.test(text)) found.push(`${relative(src, file)}: ${node.name.getText()}="${text}"`);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}
