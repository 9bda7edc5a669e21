import type { HighlighterCore } from "shiki/core";

// Colours for code. The colourer and each language load when the first code of
// that language is shown; all come from the box. Colours are classes, so no
// style attribute is needed and the theme can change without a new run.

const languages: Record<string, () => Promise<unknown>> = {
  bash: () => import("shiki/langs/bash.mjs"),
  c: () => import("shiki/langs/c.mjs"),
  csharp: () => import("shiki/langs/csharp.mjs"),
  css: () => import("shiki/langs/css.mjs"),
  diff: () => import("shiki/langs/diff.mjs"),
  go: () => import("shiki/langs/go.mjs"),
  html: () => import("shiki/langs/html.mjs"),
  java: () => import("shiki/langs/java.mjs"),
  javascript: () => import("shiki/langs/javascript.mjs"),
  json: () => import("shiki/langs/json.mjs"),
  markdown: () => import("shiki/langs/markdown.mjs"),
  powershell: () => import("shiki/langs/powershell.mjs"),
  python: () => import("shiki/langs/python.mjs"),
  rust: () => import("shiki/langs/rust.mjs"),
  sql: () => import("shiki/langs/sql.mjs"),
  toml: () => import("shiki/langs/toml.mjs"),
  typescript: () => import("shiki/langs/typescript.mjs"),
  xml: () => import("shiki/langs/xml.mjs"),
  yaml: () => import("shiki/langs/yaml.mjs"),
};

const aliases: Record<string, string> = {
  "c#": "csharp",
  "c++": "c",
  cpp: "c",
  cs: "csharp",
  golang: "go",
  js: "javascript",
  jsx: "javascript",
  md: "markdown",
  ps1: "powershell",
  py: "python",
  rs: "rust",
  sh: "bash",
  shell: "bash",
  ts: "typescript",
  tsx: "typescript",
  yml: "yaml",
  zsh: "bash",
};

// Longer code stays plain: colouring it would hold up the page.
const longest = 60_000;

export interface Token {
  readonly text: string;
  readonly className: string;
}

let highlighter: Promise<HighlighterCore> | undefined;

async function load(): Promise<HighlighterCore> {
  const [core, engine] = await Promise.all([import("shiki/core"), import("shiki/engine/javascript")]);
  const theme = core.createCssVariablesTheme({ name: "classes", variablePrefix: "--tok-", fontStyle: false });
  return core.createHighlighterCore({
    themes: [theme],
    langs: [],
    engine: engine.createJavaScriptRegexEngine({ forgiving: true }),
  });
}

// highlight gives lines of coloured tokens, or null where there is no colour
// for the language.
export async function highlight(code: string, name: string): Promise<Token[][] | null> {
  const lower = name.toLowerCase();
  const language = aliases[lower] ?? lower;
  const grammar = Object.hasOwn(languages, language) ? languages[language] : undefined;
  if (!grammar || code.length > longest) return null;
  highlighter ??= load();
  const shiki = await highlighter;
  if (!shiki.getLoadedLanguages().includes(language)) {
    await shiki.loadLanguage((await grammar()) as Parameters<HighlighterCore["loadLanguage"]>[0]);
  }
  const { tokens } = shiki.codeToTokens(code, { lang: language, theme: "classes" });
  return tokens.map((line) => line.map((token) => ({ text: token.content, className: classOf(token.color) })));
}

// classOf turns "var(--tok-token-string)" into "tok-string".
function classOf(color: string | undefined): string {
  const found = /var\(--tok-token-([a-z-]+)\)/.exec(color ?? "");
  return found ? `tok-${found[1]}` : "";
}
