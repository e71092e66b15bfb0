/** How a provider can cheat, and what it does then in the words of the demo. */
export const cheats = {
  "cheap-model":
    "answers with a smaller model, the same weights in Q4_0, and bills for the one that was bought",
  "noisy-weights": "answers with weights that were changed by 2 %",
  "dropped-layer": "leaves out a layer of the model",
  "edited-prompt": "leaves out the opening of every prompt",
  "other-temperature": "samples hotter than it was asked to",
  "other-seed": "draws the noise of sampling itself",
  truncated: "stops half-way through every answer and says that the model ended it",
  "edited-token": "changes one token of every answer",
  "runner-up-token": "takes the second best token once in every answer",
  "copied-answers": "copies another provider's answers to the same prompts",
  "cached-answers": "serves answers to other prompts from a cache",
  "cheap-model-true-fingerprints":
    "answers with Q4_0 weights, and runs the right model over them once for the fingerprints alone",
  "wrong-totals": "bills for twice the tokens of its receipts",
  "omitted-item": "computes all items but one, and commits to no receipt for it",
  "repeated-item": "computes one item less, and commits to its neighbour's receipt twice",
  "swapped-items": "answers two items with each other's answers",
  "withheld-results": "commits to results and delivers nothing",
  "withheld-receipts": "delivers answers that its receipts do not bind, and shows no receipt",
  equivocation: "commits to the right answers and delivers others",
} as const satisfies Record<string, string>;

export type CheatKind = keyof typeof cheats;

export const cheatKinds = Object.keys(cheats) as CheatKind[];
