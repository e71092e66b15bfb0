import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type ItemScore, MillraceError } from "@millrace/protocol";
import { aborted, type EngineErrorCode, throwIfAborted } from "../errors.ts";
import type { Claim } from "./claims.ts";
import type { CalibrationItem } from "./items.ts";
import { type IsolatedKernel, isolateKernel } from "./kernels.ts";
import type { Setting } from "./settings.ts";
import type { Answer, Opened, Order } from "./workbenchProgram.ts";

/** One model under one setting, in a process of its own: what a process has loaded of llama.cpp, it keeps. */
export interface Workbench extends AsyncDisposable {
  readonly setting: Setting;
  readonly contextTokens: number;
  readonly tokensPerSecond: number;
  /** What llama.cpp runs on: a GPU's name, or the CPU kernel. */
  readonly device: string;
  /**
   * Runs items as an honest provider would, in their order.
   *
   * @param budgetMs fewer of them, if all take longer; at least one of each kind. Default: unlimited
   */
  generate(items: readonly CalibrationItem[], options?: { budgetMs?: number | undefined }): Promise<Claim[]>;
  /** Scores claims as a verifier would, in their order. */
  score(claims: readonly Claim[], options: { epsilon: number }): Promise<ItemScore[]>;
  close(): Promise<void>;
}

/**
 * Opens a model under a setting.
 *
 * @returns undefined if this machine cannot run the setting: it has no GPU, or its processor lacks what the kernel needs
 * @throws MillraceError `engine-failed` if the model itself cannot be loaded, or `aborted`
 */
export async function openWorkbench({
  modelPath,
  setting,
  signal,
}: {
  modelPath: string;
  setting: Setting;
  signal?: AbortSignal | undefined;
}): Promise<Workbench | undefined> {
  throwIfAborted(signal);
  await using starting = new AsyncDisposableStack();
  let binaries: IsolatedKernel | undefined;
  if (setting.kernel !== undefined) binaries = starting.use(await isolateKernel(setting.kernel));
  const program = startProgram(signal);
  starting.defer(() => program.close());
  const opened = await program.ask<Opened | undefined>({
    do: "open",
    modelPath,
    setting,
    binaryFolder: binaries?.folder,
  });
  if (opened === undefined) return undefined;
  const resources = starting.move();
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= resources.disposeAsync();
    return closing;
  };
  return {
    setting,
    ...opened,
    generate: (items, { budgetMs } = {}) => program.ask({ do: "generate", items, budgetMs }),
    score: (claims, { epsilon }) => program.ask({ do: "score", claims, epsilon }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** As it stands here: TypeScript in the repository, JavaScript in a published package. */
const programPath = fileURLToPath(
  new URL(`./workbenchProgram${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url),
);
const closeTimeoutMs = 5_000;

function startProgram(signal: AbortSignal | undefined) {
  const child = fork(programPath, {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    execArgv: [],
    // JSON knows no infinite budget.
    serialization: "advanced",
  });
  let complaints = "";
  // One that could not be started, or not be written to, says so and may never exit.
  const exited = once(child, "exit").catch((error: unknown) => {
    complaints += String(error);
  });
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    complaints = (complaints + text).slice(-2_000);
  });
  const kill = () => void child.kill("SIGKILL");
  signal?.addEventListener("abort", kill, { once: true });

  return {
    async ask<Result>(order: Order): Promise<Result> {
      const answer = await answerOf(child, order);
      if (answer?.result !== undefined || answer?.isNothing) return answer.result as Result;
      if (signal?.aborted) throw aborted(signal);
      throw new MillraceError("An engine that was to be compared failed.", {
        code: "engine-failed" satisfies EngineErrorCode,
        details: answer?.failure ?? `its process ended: ${complaints}`,
      });
    },
    async close(): Promise<void> {
      signal?.removeEventListener("abort", kill);
      if (child.exitCode !== null || child.signalCode !== null) return;
      if (child.connected) child.disconnect();
      const timer = setTimeout(kill, closeTimeoutMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** Undefined if the process ends first. Orders are given one at a time. */
async function answerOf(child: ChildProcess, order: Order): Promise<Answer | undefined> {
  if (!child.connected) return undefined;
  const listening = new AbortController();
  const { signal } = listening;
  try {
    const answered = once(child, "message", { signal }).then(([message]) => message as Answer, nothing);
    const ended = once(child, "exit", { signal }).then(nothing, nothing);
    child.send(order);
    return await Promise.race([answered, ended]);
  } finally {
    listening.abort();
  }
}

const nothing = (): undefined => undefined;
