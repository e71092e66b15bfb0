import type { StopReason } from "@millrace/protocol";
import type { Token } from "node-llama-cpp";
import type { GenerationPlan } from "./generate.ts";
import { type Detokenize, findEarliest, watchForStops } from "./stopStrings.ts";

/** A whole output. */
export interface Output {
  text: string;
  tokenIds: Token[];
  finishReason: "stop" | "length";
  stopString?: string;
}

type Ending = Pick<GenerationPlan, "stopStrings" | "endTexts">;

/**
 * Gathers tokens (`undefined`: the model ended its turn) until the output is whole, and then returns it.
 *
 * A stop string counts even where it is complete with the last token that the cap allows; an end marker of the model's
 * that takes several tokens does not: behind it there has to be room to see what the model says there.
 */
export function collectOutput(
  plan: Ending & Pick<GenerationPlan, "maxTokens">,
  detokenize: Detokenize,
): (tokenId: Token | undefined) => Output | undefined {
  const stops = watchForStops([...plan.stopStrings, ...plan.endTexts], detokenize);
  const tokenIds: Token[] = [];
  return (tokenId) => {
    if (tokenId === undefined) return { text: detokenize(tokenIds), tokenIds, finishReason: "stop" };
    tokenIds.push(tokenId);
    const match = stops.completedBy(tokenIds);
    if (match && plan.stopStrings.includes(match.stopString)) {
      return { text: match.text, tokenIds, finishReason: "stop", stopString: match.stopString };
    }
    const isFull = tokenIds.length >= plan.maxTokens;
    if (isFull) return { text: dropHalfCharacter(detokenize(tokenIds)), tokenIds, finishReason: "length" };
    return match && { text: match.text, tokenIds, finishReason: "stop" };
  };
}

/** Why an output ended, as receipts put it. */
export function stopReasonOf({
  finishReason,
  stopString,
}: Pick<Output, "finishReason" | "stopString">): StopReason {
  if (finishReason === "length") return "length";
  return stopString === undefined ? "stop" : "stop-string";
}

/** The text that a finished output stands for. */
export function textOf(
  { tokenIds, stopReason }: { tokenIds: readonly Token[]; stopReason: StopReason },
  { stopStrings, endTexts }: Ending,
  detokenize: Detokenize,
): string {
  const text = detokenize(tokenIds);
  if (stopReason === "length") return dropHalfCharacter(text);
  const stops = stopReason === "stop-string" ? [...stopStrings, ...endTexts] : endTexts;
  return findEarliest(text, stops)?.text ?? text;
}

/** A cap may fall between the bytes of a character; of the up to three that are there the detokeniser makes U+FFFD. */
function dropHalfCharacter(text: string): string {
  return text.replace(/\uFFFD{1,3}$/, "");
}
