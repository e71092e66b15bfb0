import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type BatchEvent, createMemoryState, createMillrace } from "@millrace/client";
import { localAccounts, startLocalNetwork } from "@millrace/devnet";
import { expect, test } from "vitest";

const model = fileURLToPath(new URL("../../../models/tinystory-chat-2.8m-q8_0.gguf", import.meta.url));
const requests = fileURLToPath(new URL("../../../devnet/requests.jsonl", import.meta.url));

test("a provider killed mid-batch loses its lots to the other, and the buyer loses nothing", async () => {
  await using local = await startLocalNetwork({
    modelPath: model,
    marketParameters: { graceSeconds: 2, submitGraceSeconds: 1 },
    providerEnv: { MILLRACE_MIN_TURNAROUND: "5" },
  });
  const [victim, survivor] = local.providers;
  const millrace = createMillrace({
    network: local.network,
    account: localAccounts.buyer,
    state: createMemoryState(),
  });
  const input = (await readFile(requests, "utf8")).split("\n").slice(0, 60).join("\n");
  const buy = { model: victim!.modelId, turnaroundSeconds: 20, rampSeconds: 5 };
  const { reserve } = await millrace.quote({ input, ...buy });
  await millrace.account.deposit({ amount: reserve });

  const events: BatchEvent[] = [];
  const result = await millrace.batches.run({
    input,
    ...buy,
    timeoutSeconds: 100,
    onProgress: (event) => {
      events.push(event);
      // It has the input now and is computing.
      if (event.type === "input-sent" && event.provider === victim!.address) victim!.process.kill("SIGKILL");
    },
  });

  expect(victim!.process.signalCode).toBe("SIGKILL");
  const reopened = events.filter((event) => event.type === "lot-reopened");
  expect(reopened.length).toBeGreaterThan(0);
  expect(new Set(reopened.map(({ provider, cause }) => `${provider} ${cause}`))).toEqual(
    new Set([`${victim!.address} expired`]),
  );
  expect(result.items).toEqual({ total: 60, completed: 60, failed: 0 });
  const { settlement } = result;
  expect(settlement.providers.map(({ address }) => address)).toEqual([survivor!.address]);
  expect(settlement.compensation).toBeGreaterThan(0n);
  expect(settlement.escrowed).toBe(settlement.paid + settlement.fee + settlement.refunded);
  const { free, locked } = await millrace.account.balance();
  expect(locked).toBe(0n);
  expect(free).toBe(reserve - settlement.paid - settlement.fee + settlement.compensation);
});
