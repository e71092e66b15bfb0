/** What the command line has for errors that the library, which also pages and programs use, words for all of them. */
const hints: Readonly<Record<string, string>> = {
  "no-account": "Set MILLRACE_PRIVATE_KEY or MILLRACE_KEY_FILE.",
  "no-relay": "--relay names one.",
  "other-network": "--network names the batch's.",
  "unknown-batch": "`millrace status` lists the batches that are.",
  "batch-unfinished": "`millrace batch resume BATCH` finishes it.",
  "partly-opened": "`millrace batch resume BATCH` does.",
  "ambiguous-model": "--model ID chooses one for the whole file.",
  "no-offers": "--model NAME chooses one for the whole file.",
  "unknown-model": "--model NAME chooses one for the whole file.",
  "no-fitting-offer": "--turnaround gives providers more time.",
  "limit-too-low": "--limit-prompt and --limit-output set the limits.",
  "reserve-too-high": "--max-reserve says how much may be locked.",
  "insufficient-balance": "`millrace deposit AMOUNT` does, or --deposit on the way.",
  "insufficient-free": "`millrace deposit AMOUNT` does.",
  "pool-closed": "Its owner opens a pool with `millrace-provider pool --open PERCENT`.",
  "nothing-payable": "`millrace backing leave` asks for it.",
};

/** Which flag or command helps against an error. */
export const hintFor = (code: string): string | undefined => hints[code];
