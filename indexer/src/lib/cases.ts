/** @param number Counted from 1 within the lot, as the client counts them: a demand and its objection are one. */
export const caseIdOf = (lotId: `0x${string}`, number: number) => `${lotId}-${number}`;

/** Of the fault that was proven of a lot: it ends the lot, so there is one at most. */
export const faultIdOf = (lotId: `0x${string}`) => `${lotId}-fault`;
