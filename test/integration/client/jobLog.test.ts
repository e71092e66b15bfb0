import { marketAbi, type Network } from "@millrace/protocol";
import { createPublicClient, defineChain, http } from "viem";
import { expect, test } from "vitest";
import { followJob } from "../../../client/src/batches/jobLog.ts";
import { viewJob } from "../../../client/src/batches/jobView.ts";
import type { Core } from "../../../client/src/core/core.ts";
import { passTime, rpc, send } from "./chain.ts";
import { batchFile, openMarket, prompts, providerAccounts } from "./fixture.ts";

/** What of a core is needed to read. */
function readingCore(network: Network): Core {
  const chain = defineChain({
    id: network.chainId,
    name: network.name,
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [network.rpcUrl] } },
  });
  return { network, publicClient: createPublicClient({ chain, transport: http() }) } as unknown as Core;
}

test("events that a reorg takes back are gone, and those deep in the chain stay", async () => {
  const market = await openMarket();
  const { network } = market;
  await market.provider(0, { misdeed: "silence" });
  const { jobs } = await market.client().batches.create({ input: batchFile(prompts(4)) });
  const log = followJob(readingCore(network), jobs[0]!);
  const names = async () => (await log.poll()).map(({ eventName }) => eventName);

  /** More blocks than are read again; one by one, as the local node cannot skip any. */
  const mine = async () => {
    for (let i = 0; i < 70; i++) await rpc(network, "evm_mine");
  };

  const opened = await log.poll();
  expect(opened.map(({ eventName }) => eventName)).toEqual(["JobOpened", "LotAssigned"]);
  expect(await log.poll()).toBe(opened);
  const [lot] = viewJob(opened).lots.values();

  const snapshot = await rpc(network, "evm_snapshot");
  await passTime(network, 4_000);
  const expire = () =>
    send(network, providerAccounts[2]!, {
      abi: marketAbi,
      address: network.market,
      functionName: "expire",
      args: [lot!.lot],
    });
  await expire();
  expect(await names()).toEqual(["JobOpened", "LotAssigned", "LotExpired"]);

  await rpc(network, "evm_revert", [snapshot]);
  expect(await names()).toEqual(["JobOpened", "LotAssigned"]);

  await mine();
  expect(await names()).toEqual(["JobOpened", "LotAssigned"]);
  await passTime(network, 4_000);
  await expire();
  expect(await names()).toEqual(["JobOpened", "LotAssigned", "LotExpired"]);
  await mine();
  expect(await names()).toEqual(["JobOpened", "LotAssigned", "LotExpired"]);
});
