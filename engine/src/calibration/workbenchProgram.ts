import { MillraceError } from "@millrace/protocol";
import type { Engine } from "../engine.ts";
import { createLlamaEngine } from "../llamaEngine.ts";
import { type Claim, claimedItemOf, claimOf } from "./claims.ts";
import { deviceOf, gpuNames } from "./device.ts";
import { type CalibrationItem, promptKinds } from "./items.ts";
import { redirectBinaries } from "./kernels.ts";
import type { Setting } from "./settings.ts";

// What a workbench's own process runs: it obeys one order at a time, and ends when its parent lets go of it.

export type Order =
  | { do: "open"; modelPath: string; setting: Setting; binaryFolder: string | undefined }
  | { do: "generate"; items: readonly CalibrationItem[]; budgetMs: number | undefined }
  | { do: "score"; claims: readonly Claim[]; epsilon: number };

export interface Opened {
  contextTokens: number;
  tokensPerSecond: number;
  device: string;
}

export type Answer = { result: unknown; isNothing?: boolean; failure?: string };

/** A slow setting runs fewer items, but one of each kind. */
const leastItems = promptKinds.length;

let engine: Engine | undefined;

process.on("message", (order: Order) => {
  obey(order).then(
    (result) => answer({ result, isNothing: result === undefined }),
    (error: unknown) =>
      answer({ result: undefined, failure: error instanceof Error ? error.message : String(error) }),
  );
});
// An orphan would compute on for nobody.
process.once("disconnect", () => process.exit(0));

function answer(message: Answer): void {
  process.send?.(message);
}

async function obey(order: Order): Promise<unknown> {
  if (order.do === "open") return open(order);
  if (!engine) throw new RangeError("nothing is open");
  const { contextTokens } = engine;
  if (order.do === "generate") return generate(engine, order);
  const { claims, epsilon } = order;
  return Promise.all(claims.map((claim) => engine!.score(claimedItemOf(claim, { contextTokens, epsilon }))));
}

/** As many at once as there are sequences; none is begun after the budget, but {@link leastItems} are in any case. */
async function generate(
  on: Pick<Engine, "infer" | "sequences">,
  { items, budgetMs = Number.POSITIVE_INFINITY }: Order & { do: "generate" },
): Promise<Claim[]> {
  const deadline = performance.now() + budgetMs;
  const claims: Claim[] = [];
  let begun = 0;
  const work = async () => {
    while (begun < items.length && (begun < leastItems || performance.now() < deadline)) {
      const index = begun++;
      claims[index] = await claimOf(on, items[index]!);
    }
  };
  await Promise.all(Array.from({ length: on.sequences }, work));
  return claims;
}

async function open({
  modelPath,
  setting,
  binaryFolder,
}: Order & { do: "open" }): Promise<Opened | undefined> {
  const { kernel, gpu, threads, sequences, batchTokens, flashAttention } = setting;
  if (gpu && (await gpuNames()).length === 0) return undefined;
  if (binaryFolder !== undefined) redirectBinaries(binaryFolder);
  try {
    engine = await createLlamaEngine({
      modelPath,
      gpu: gpu ? "auto" : false,
      threads,
      sequences,
      batchTokens,
      flashAttention,
    });
  } catch (error) {
    // With one kernel to choose from, llama.cpp finds none that this processor can run.
    if (kernel !== undefined && error instanceof MillraceError && error.code === "engine-failed")
      return undefined;
    throw error;
  }
  const { contextTokens, tokensPerSecond } = engine;
  return { contextTokens, tokensPerSecond, device: await deviceOf(setting) };
}
