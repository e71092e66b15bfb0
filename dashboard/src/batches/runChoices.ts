/** How a buyer wants a batch driven. */
export interface RunChoices {
  /** Lots are paid when the buyer says so, or their window is over; otherwise once they are checked. */
  paysByHand: boolean;
  /** Two other providers compute a part of the answers again. */
  checksByMarket: boolean;
}

/** What was chosen for a batch, as it is kept with it. What cannot be read pays nothing by itself. */
export function choicesOf({ pays, checks }: Readonly<Record<string, string>>): RunChoices {
  return { paysByHand: pays !== "checked", checksByMarket: checks === "market" };
}

/** What is kept with a batch of that. */
export function metadataOf({ paysByHand, checksByMarket }: RunChoices): Record<string, string> {
  return { pays: paysByHand ? "by-hand" : "checked", checks: checksByMarket ? "market" : "hashes" };
}
