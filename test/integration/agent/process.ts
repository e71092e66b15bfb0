import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { formatNetwork } from "@millrace/protocol";
import type { Hex } from "viem";
import { onTestFinished } from "vitest";
import { MODEL_PATH, type World } from "./fixture.ts";

const CLI = fileURLToPath(new URL("../../../provider-agent/src/cli.ts", import.meta.url));

/** An agent as its owner runs it. */
export interface AgentProcess {
  modelId: Hex;
  url: string;
  child: ChildProcess;
  /** As the demo reads it: amounts are texts. */
  status(): Promise<{
    offer: Record<string, string | number>;
    lots: { lotId: Hex; stage: string; itemsDone: number; itemsTotal: number }[];
    items: { done: number; failed: number };
    earned: string;
  }>;
  /** kill -9. */
  kill(): Promise<void>;
  /** SIGTERM. Returns the exit code. */
  stop(): Promise<number | null>;
}

/** Runs `millrace-provider run` until it is ready. It is killed when the test ends. */
export async function runAgent(
  world: World,
  { folder, key }: { folder: string; key: Hex },
): Promise<AgentProcess> {
  const networkPath = join(world.folder, "network.json");
  await writeFile(networkPath, formatNetwork(world.network));
  const child = spawn(process.execPath, [CLI, "run", "--threads", "1", "--sequences", "4"], {
    env: {
      ...process.env,
      MILLRACE_NETWORK: networkPath,
      MILLRACE_PRIVATE_KEY: key,
      MILLRACE_MODEL: MODEL_PATH,
      MILLRACE_FOLDER: folder,
      MILLRACE_POLLING_MS: "50",
      MILLRACE_CAPACITY_ITEMS: "500",
      MILLRACE_MIN_TURNAROUND: "60",
      MILLRACE_LOG_LEVEL: process.env.AGENT_LOG ?? "silent",
      DATABASE_URL: world.store.connectionString,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };
  onTestFinished(kill);
  for await (const line of createInterface({ input: child.stdout })) {
    const { url, modelId } = JSON.parse(line) as { url: string; modelId: Hex };
    return {
      modelId,
      url,
      child,
      kill,
      status: async () => (await fetch(`${url}/status`)).json() as ReturnType<AgentProcess["status"]>,
      async stop() {
        const exited = once(child, "exit");
        child.kill("SIGTERM");
        const [code] = (await exited) as [number | null];
        return code;
      },
    };
  }
  throw new Error("The agent ended before it was ready.");
}
