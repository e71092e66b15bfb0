import type { ClaimedItem } from "@millrace/protocol";

/** One trap for so many items, and at least one. */
const ITEMS_PER_TRAP = 10;
/** Below so many items each has to be asked for itself. */
const LEAST_TO_REPLACE = 5;
/** Tokens of a trap that are not its model's: of one alone the model might have thought as well. */
const WRONG_TOKENS = 3;

/** What a scorer is asked. */
export interface Question {
  claim: ClaimedItem;
  /** The item that it is, by its place; undefined of a trap. */
  item: number | undefined;
}

/**
 * Replaces some items, by chance, by copies with some tokens exchanged for others of the same outputs: who computes them
 * finds them to be wrong, and who does not cannot tell them from the rest. Of very few items copies are added instead, which
 * whoever compares them can see.
 *
 * @param chance 0 to 1, anew with each call
 */
export function mixTraps(claims: readonly ClaimedItem[], chance: () => number): Question[] {
  const ids = [...new Set(claims.flatMap(({ claimed }) => claimed.tokenIds))];
  const baits = shuffle(
    claims.map((_, item) => item).filter((item) => claims[item]!.claimed.tokenIds.length > WRONG_TOKENS),
    chance,
  ).slice(0, Math.ceil(claims.length / ITEMS_PER_TRAP));
  const traps = ids.length < 2 ? [] : baits;
  const isReplacing = claims.length >= LEAST_TO_REPLACE;
  const asked = claims.flatMap((claim, item): Question[] =>
    isReplacing && traps.includes(item) ? [] : [{ claim, item }],
  );
  const wrong = traps.map((item): Question => ({ claim: spoil(claims[item]!, ids), item: undefined }));
  return shuffle([...asked, ...wrong], chance);
}

function spoil({ claimed, ...item }: ClaimedItem, ids: readonly number[]): ClaimedItem {
  const tokenIds = [...claimed.tokenIds];
  for (let i = 0; i < WRONG_TOKENS; i++) {
    const position = Math.floor(((i + 0.5) * tokenIds.length) / WRONG_TOKENS);
    const before = ids.indexOf(tokenIds[position]!);
    tokenIds[position] = ids[(before + 1 + (i % (ids.length - 1))) % ids.length]!;
  }
  return { ...item, claimed: { ...claimed, tokenIds } };
}

const shuffle = <T>(values: readonly T[], chance: () => number): T[] =>
  values
    .map((value) => ({ value, place: chance() }))
    .sort((a, b) => a.place - b.place)
    .map(({ value }) => value);
