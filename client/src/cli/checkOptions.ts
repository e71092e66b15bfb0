import { readFile } from "node:fs/promises";
import { MillraceError } from "@millrace/protocol";
import { type Command, InvalidArgumentError } from "commander";
import { createLlamaVerifier } from "../check/llamaVerifier.ts";
import type { CheckOptions } from "../check/options.ts";
import type { Verifier } from "../check/verifier.ts";
import type { Millrace } from "../createMillrace.ts";
import { count, price } from "./buyOptions.ts";

/** How the results are to be checked, as flags say. */
export interface CheckFlags {
  /** False for `--no-check`. */
  check?: boolean;
  checkWith?: string[];
  checkByMarket?: boolean;
  checkMaxCost?: bigint;
  checkPricePercent?: number;
  checkFraction?: number;
  checkConfidence?: number;
  appeals?: 0 | 1 | 2;
  maxBonds?: bigint;
}

/** Beside each other, so that prompts of one lot fill the context. */
const SEQUENCES = 8;

export function withCheckOptions(command: Command): Command {
  return command
    .option(
      "--check-with <file>",
      "compute a part of the answers again with this GGUF file; once for each model",
      (path: string, paths: string[] = []) => [...paths, path],
    )
    .option(
      "--check-by-market",
      "let two other providers score a part of the answers, for models not at hand: of small lots all of them, so that it can cost more than twice the lot itself",
    )
    .option("--check-max-cost <amount>", "pay at most this for their scores (default: no limit)", price)
    .option(
      "--check-price-percent <percent>",
      "pay for their tokens at most so much of the batch's limit prices (default: 100)",
      count,
    )
    .option(
      "--check-fraction <share>",
      "the share of wrong answers to find in each lot (default: 0.05)",
      part,
    )
    .option("--check-confidence <share>", "how surely to find it (default: 0.99)", part)
    .option("--appeals <count>", "how often to appeal a verdict that is against you, 0 to 2", appeals)
    .option("--max-bonds <amount>", "have at most this in the court's bonds", price);
}

/** Checks with the models that flags name; all of them are closed with it. */
export interface OpenedCheck extends AsyncDisposable {
  /** Absent: only what hashes tell is checked. */
  options: CheckOptions | undefined;
}

/**
 * Opens the models to check with.
 *
 * @throws MillraceError `invalid-option`; what `createLlamaEngine` throws
 */
export async function openCheck(
  flags: CheckFlags,
  { millrace, signal }: { millrace: Millrace; signal: AbortSignal },
): Promise<OpenedCheck> {
  const {
    check = true,
    checkWith = [],
    checkByMarket = false,
    checkMaxCost,
    checkPricePercent,
    checkFraction,
    checkConfidence,
    appeals: mostAppeals,
    maxBonds,
  } = flags;
  if (!check && (checkWith.length > 0 || checkByMarket)) {
    throw new MillraceError("--no-check and other checks contradict each other.", { code: "invalid-option" });
  }
  await using stack = new AsyncDisposableStack();
  const verifiers: Verifier[] = [];
  const classes: string[] = [];
  for (const modelPath of checkWith) {
    // Only who checks loads llama.cpp.
    const { createLlamaEngine } = await import("@millrace/engine");
    const engine = stack.use(await createLlamaEngine({ modelPath, sequences: SEQUENCES, signal }));
    verifiers.push(createLlamaVerifier(engine));
    const text = await readFile(classPathOf(modelPath), "utf8").catch(() => undefined);
    if (text !== undefined) classes.push(text);
  }
  // Behind the models at hand: what one knows oneself one need not buy.
  if (checkByMarket) {
    const marketOptions = {
      ...(checkMaxCost !== undefined && { maxCost: checkMaxCost }),
      ...(checkPricePercent !== undefined && { pricePercent: checkPricePercent }),
    };
    verifiers.push(millrace.marketVerifier(marketOptions));
  }
  const owned = stack.move();
  return {
    options:
      verifiers.length === 0
        ? undefined
        : {
            verifiers,
            classes,
            ...(checkFraction !== undefined && { fraction: checkFraction }),
            ...(checkConfidence !== undefined && { confidence: checkConfidence }),
            ...(mostAppeals !== undefined && { appeals: mostAppeals }),
            ...(maxBonds !== undefined && { maxBonds }),
          },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Where the class of a GGUF file lies; the chain has it, too, for models that are on sale. */
function classPathOf(modelPath: string): string {
  return `${modelPath.replace(/\.gguf$/, "")}.class.json`;
}

function part(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && value < 1) return value;
  throw new InvalidArgumentError("Write a number above 0 and below 1.");
}

function appeals(text: string): 0 | 1 | 2 {
  const value = Number(text);
  if (value === 0 || value === 1 || value === 2) return value;
  throw new InvalidArgumentError("Write 0, 1 or 2.");
}
