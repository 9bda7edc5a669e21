// What the fake box does for a question: stages and text, in order.
import { canary, hostile } from "./hostile.mjs";

const words = (text, ms = 15) => (text.match(/\s*\S+/g) ?? []).map((word) => ({ text: word, ms }));

const rich = `Here is a short comparison.

## Tea and coffee

| | Tea | Coffee |
| --- | --- | --- |
| Caffeine | 20-60 mg | 80-120 mg |
| Taste | light, *floral* | strong, **roasted** |

1. Boil water.
2. Wait four minutes.

\`\`\`python
def brew(minutes: int) -> str:
    """Say how the tea is."""
    return "strong" if minutes > 4 else "mild"  # seconds do not count
\`\`\`

> A good cup takes patience. See [the guide](https://example.com/tea?x=1) for more.
`;

// carrier writes one hostile text in small pieces, for a canary host.
function carrier(at, host) {
  const text =
    hostile[at]?.replaceAll(`https://${canary}`, `http://${host}`).replaceAll(canary, host) ?? "no more carriers";
  return [{ stage: "decode" }, ...(text.match(/[\s\S]{1,3}/g) ?? []).map((piece) => ({ text: piece, ms: 4 }))];
}

export function script(question) {
  const found = /^hostile (\d+) (\S+)$/.exec(question);
  if (found) return carrier(Number(found[1]), found[2]);
  switch (question) {
    case "queued":
      return [{ stage: "queued", ms: 60_000 }];
    case "loading":
      return [{ stage: "loading", ms: 60_000 }];
    case "reading":
      return [{ stage: "prefill", done: 384, total: 1210, ms: 60_000 }];
    case "resuming":
      return [{ stage: "decode" }, ...words("The first half of the answer"), { stage: "resuming", ms: 60_000 }];
    case "fail":
      return [
        { stage: "decode" },
        ...words("This is what was written."),
        { fail: "The engine stopped twice while writing this answer. What was written is kept. Try again." },
      ];
    case "slow":
      return [{ stage: "decode" }, ...words("word ".repeat(400), 30)];
    case "think":
      return [{ stage: "decode" }, ...words("<think>\nFrance is asked for, so its capital.\n</think>\n\nParis.", 5)];
    case "rich":
      return [{ stage: "prefill", done: 24, total: 48 }, { stage: "decode" }, ...words(rich, 5)];
    default:
      return [
        { stage: "prefill", done: 24, total: 48, ms: 30 },
        { stage: "decode" },
        ...words("The capital of France is Paris."),
      ];
  }
}
