import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { MillraceError } from "@millrace/protocol";
import type { Address, Hex } from "viem";

/** A provider agent in a process of its own, as its owner would run it. */
export interface ProviderProcess extends AsyncDisposable {
  readonly address: Address;
  /** Where its `/status` and `/metrics` are. */
  readonly url: string;
  readonly modelId: Hex;
  readonly logPath: string;
  readonly process: ChildProcess;
  close(): Promise<void>;
}

const CLOSE_TIMEOUT_MS = 10_000;

/**
 * Starts an agent and waits until it takes work.
 *
 * @param env what the agent's configuration reads; secrets travel here, never in arguments
 * @throws MillraceError `provider-failed` with the end of its log
 */
export async function startProvider({
  folder,
  env,
  signal,
}: {
  folder: string;
  env: Record<string, string>;
  signal?: AbortSignal | undefined;
}): Promise<ProviderProcess> {
  const cli = fileURLToPath(import.meta.resolve("@millrace/provider-agent/cli"));
  const logPath = join(folder, "agent.log");
  // The channel is only there to close: an agent whose parent died stops too.
  const child = spawn(process.execPath, [cli, "run"], {
    env: { ...process.env, ...env, MILLRACE_FOLDER: folder, MILLRACE_STOP_WITH_PARENT: "1" },
    stdio: ["ignore", "pipe", openSync(logPath, "a"), "ipc"],
    // Its own process group: Ctrl-C is for us, who end the agents in their turn.
    detached: true,
  });
  const exited = once(child, "exit");
  const close = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), CLOSE_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  };
  const ready = await firstLine(child, signal);
  if (!ready) {
    await close();
    const log = await readFile(logPath, "utf8");
    throw new MillraceError("A provider agent did not start.", {
      code: "provider-failed",
      details: log.trimEnd().split("\n").slice(-15).join("\n"),
    });
  }
  const { address, url, modelId } = JSON.parse(ready) as { address: Address; url: string; modelId: Hex };
  return { address, url, modelId, logPath, process: child, close, [Symbol.asyncDispose]: close };
}

/** The first line a child prints, or undefined if it ends or is given up before. */
async function firstLine(child: ChildProcess, signal: AbortSignal | undefined): Promise<string | undefined> {
  const lines = createInterface({ input: child.stdout! });
  const giveUp = () => lines.close();
  signal?.addEventListener("abort", giveUp, { once: true });
  try {
    for await (const line of lines) return line;
    return undefined;
  } finally {
    signal?.removeEventListener("abort", giveUp);
    child.stdout!.resume();
  }
}
