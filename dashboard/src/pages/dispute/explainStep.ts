/** What each step of a case is for. */
const steps: Record<string, string> = {
  CaseOpened:
    "The challenger names the item, puts down a bond and commits to a secret, so that nobody can foresee the jury.",
  CaseAnswered: "The provider adds a secret of its own to the draw: neither party alone decides who judges.",
  EvidenceOpened:
    "The request and the claimed answer, with the proofs that tie them to what buyer and provider had committed to, are sealed and put on the relays. Their hash stands here.",
  JuryArmed: "Once a further block is built, its hash and both secrets draw the jurors. Nobody knows it yet.",
  JuryDrawn: "Drawn from the model's seats, each at most once.",
  KeysShared: "The key to the evidence, encrypted to each juror by itself.",
  VoteCommitted: "The juror has computed the item again, and commits to a number without showing it.",
  RevealOpened: "From here on nobody can copy another's vote.",
  VoteRevealed: "How far the claimed answer is from what the juror's machine finds.",
  JuryFailed: "Too few revealed in time: those who did are paid, the others lose, and another jury is drawn.",
  CaseDecided: "The median of all votes. Whoever lost may appeal to a larger jury.",
  CaseAppealed: "With a bond that pays the larger jury.",
  CaseConcluded: "Bonds, fees and penalties are paid out.",
  DeliveryDemanded: "The buyer prepays for having the results delivered once more.",
  DeliveryAnswered: "The provider says that they are on the relays, and hands over the key.",
  FaultProven:
    "Two parts of the provider's own commitment cannot both be true. The chain has checked the proof.",
};

/** What a step is for; undefined for what explains itself. */
export function explainStep(name: string): string | undefined {
  return steps[name];
}
