import { render } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { Markdown } from "@/parts/Markdown";
import { canary, hostile } from "../fake/hostile.mjs";

// Elements that an answer may be drawn with; anything else came from HTML.
const drawn = new Set(
  "div p span a ul ol li strong em del blockquote hr br table thead tbody tr th td sup sub section h2 h3 h4 h5 h6 code pre figure figcaption button svg path rect circle input".split(
    " ",
  ),
);

// faults lists what in a drawn answer could run or load something.
function faults(root: Element): string[] {
  const found: string[] = [];
  for (const element of root.querySelectorAll("*")) {
    const tag = element.tagName.toLowerCase();
    if (!drawn.has(tag)) found.push(`<${tag}>`);
    for (const { name, value } of element.attributes) {
      // Streamdown's own wrapper of a block; nothing written gets there.
      if (name === "style" && value === "display: contents;" && element.parentElement?.className.includes("prose"))
        continue;
      if (/^on|^src|^srcset$|^poster$|^ping$|^background$|^action$|^formaction$|^style$|^xlink/.test(name))
        found.push(`${tag} ${name}`);
      if (name === "href" && !/^(https?|mailto):/.test(value)) found.push(`${tag} href=${value}`);
    }
    if (tag === "input" && element.getAttribute("type") !== "checkbox") found.push("input");
    if (tag === "a" && element.getAttribute("target") !== "_blank") found.push("a without target");
    if (tag === "a" && !element.getAttribute("rel")?.includes("noreferrer")) found.push("a without noreferrer");
  }
  return found;
}

const draw = (text: string, growing: boolean) => render(<Markdown text={text} growing={growing} />).container;

describe("what a model wrote", () => {
  it.each(hostile)("is harmless when complete: %j", (text) => {
    expect(faults(draw(text, false))).toEqual([]);
  });

  it("is harmless at each step of its growth", () => {
    for (const text of hostile) {
      const view = render(<Markdown text="" growing />);
      for (let end = 1; end <= text.length; end += 3) {
        view.rerender(<Markdown text={text.slice(0, end)} growing />);
        expect([text.slice(0, end), faults(view.container)]).toEqual([text.slice(0, end), []]);
      }
      view.unmount();
    }
  }, 120_000);

  it("shows HTML as the text that it is", () => {
    expect(draw("<b>bold</b> <script>alert(1)</script>", false).textContent).toContain("<script>alert(1)</script>");
  });

  it("says that a picture is not loaded, and what it would show", () => {
    const root = draw(`![the secret](https://${canary}/x.png)`, false);
    expect(root.querySelector("img")).toBeNull();
    expect(root.textContent).toBe("[picture not loaded: the secret]");
  });

  it("shows the host of a link, once", () => {
    expect(draw("[bank](https://evil.example/a)", false).textContent).toBe("bank (evil.example)");
    expect(draw("https://good.example/a", false).textContent).toBe("https://good.example/a");
    expect(draw("[run](javascript:alert(1))", false).querySelector("a")).toBeNull();
  });

  it("draws what people expect of Markdown", () => {
    const root = draw(
      "# Title\n\n**bold** *soft* `code`\n\n1. one\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n```js\nlet a = 1\n```",
      false,
    );
    for (const tag of ["h3", "strong", "em", "p code", "ol li", "table td", "pre code"])
      expect(root.querySelector(tag)).not.toBeNull();
    expect(root.querySelector("pre")?.textContent).toBe("let a = 1");
    expect(root.querySelector("figcaption")?.textContent).toContain("js");
  });

  it("colours complete code with classes, not with styles", async () => {
    const view = render(<Markdown text={'```python\nx = "a"  # b\n```'} growing={false} />);
    await expect
      .poll(() => view.container.querySelector(".tok-comment")?.textContent, { timeout: 20_000 })
      .toContain("# b");
    expect(view.container.querySelector("pre")?.textContent?.trimEnd()).toBe('x = "a"  # b');
    expect(view.container.querySelector("figure [style]")).toBeNull();
  }, 30_000);
});
