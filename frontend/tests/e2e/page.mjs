// Steps that a person takes on the page.
export const question = (page) => page.locator("#question");
export const answers = (page) => page.locator("article.answer");
export const lastAnswer = (page) => answers(page).last();

// How many answers a page showed before its last question.
const before = new WeakMap();

export async function ask(page, text) {
  before.set(page, await answers(page).count());
  await question(page).fill(text);
  await question(page).press("Enter");
}

// Answers end by themselves; on a busy test machine that can take a while.
export const patience = 120_000;

export const settled = (page) =>
  page.locator('article.answer[aria-busy="true"]').waitFor({ state: "detached", timeout: patience });

// ended waits for the answer to the last question: it comes, then it is whole.
export async function ended(page) {
  await answers(page)
    .nth(before.get(page) ?? 0)
    .waitFor({ timeout: patience });
  await settled(page);
}

export const writing = (page) =>
  page.waitForFunction(
    () => {
      const answer = [...document.querySelectorAll('article.answer[aria-busy="true"] .prose')].at(-1);
      return (answer?.textContent ?? "").length > 40;
    },
    null,
    { timeout: patience },
  );
