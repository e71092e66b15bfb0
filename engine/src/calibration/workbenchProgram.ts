import { MillraceError } from "@millrace/protocol";
import { createLlamaEngine } from "../llamaEngine.ts";
import { type Claim, claimedItemOf, claimOf } from "./claims.ts";
import { deviceOf, gpuNames } from "./device.ts";
import type { CalibrationItem } from "./items.ts";
import { redirectBinaries } from "./kernels.ts";
import type { Setting } from "./settings.ts";

// What a workbench's own process runs: it obeys one order at a time, and ends when its parent lets go of it.

export type Order =
  | { do: "open"; modelPath: string; setting: Setting; binaryFolder: string | undefined }
  | { do: "generate"; items: readonly CalibrationItem[] }
  | { do: "score"; claims: readonly Claim[]; epsilon: number };

export interface Opened {
  contextTokens: number;
  tokensPerSecond: number;
  device: string;
}

export type Answer = { result: unknown; isNothing?: boolean; failure?: string };

let engine: Awaited<ReturnType<typeof createLlamaEngine>> | undefined;

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
  if (order.do === "generate") return Promise.all(order.items.map((item) => claimOf(engine!, item)));
  const { claims, epsilon } = order;
  return Promise.all(claims.map((claim) => engine!.score(claimedItemOf(claim, { contextTokens, epsilon }))));
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
