import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMillrace, type Millrace, type MillraceOptions } from "@millrace/client";
import { createFolderState } from "@millrace/client/node";
import {
  type CourtParameters,
  developmentAccount,
  hashText,
  type MarketParameters,
  type ModelSpec,
  modelRegistryAbi,
  type Network,
} from "@millrace/protocol";
import { createRelay } from "@millrace/relay";
import { onTestFinished } from "vitest";
import { startChain } from "../../../devnet/src/chain.ts";
import { deposit, send } from "./chain.ts";
import { TestProvider, type TestProviderOptions } from "./testProvider.ts";

export const buyer = developmentAccount(0);
/** Accounts of the test's providers, in order. */
export const providerAccounts = [developmentAccount(1), developmentAccount(2), developmentAccount(3)];

export const modelSpec: ModelSpec = {
  name: "upper-case",
  weightsHash: hashText("weights"),
  sizeBytes: 1n,
  quantization: "none",
  contextTokens: 512,
  chatTemplateHash: hashText("template"),
  licence: "Apache-2.0",
  classHash: hashText("class"),
};

/** A market with one published model and a buyer who has a balance, closed when the test is over. */
export interface TestMarket {
  network: Network;
  /** The folder of the buyer's state. */
  home: string;
  /** A client of the buyer; each call makes a new one, as a new process would. */
  client(options?: Partial<MillraceOptions>): Millrace;
  /** Starts provider number `index`, stopped when the test is over. */
  provider(index: number, options?: Partial<TestProviderOptions>): Promise<TestProvider>;
}

export async function openMarket({
  marketParameters = {},
  courtParameters = {},
  model = modelSpec,
  balance = 10n ** 12n,
}: {
  marketParameters?: Partial<MarketParameters>;
  courtParameters?: Partial<CourtParameters>;
  model?: ModelSpec;
  balance?: bigint;
} = {}): Promise<TestMarket> {
  const home = await mkdtemp(join(tmpdir(), "millrace-client-"));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const chain = await startChain({ marketParameters, courtParameters });
  onTestFinished(() => chain.close());
  const relay = await createRelay({ folder: join(home, "relay"), networks: [chain.network] });
  onTestFinished(() => relay.close());
  const network: Network = { ...chain.network, relays: [relay.url] };
  await publish(network, model);
  if (balance > 0n) await deposit(network, buyer, balance);
  return {
    network,
    home: join(home, "state"),
    client: (options = {}) =>
      createMillrace({
        network,
        account: buyer,
        state: createFolderState(join(home, "state")),
        pollingIntervalMs: 50,
        ...options,
      }),
    provider: async (index, options = {}) => {
      const account = providerAccounts[index]!;
      const provider = await TestProvider.start({ network, account, model, ...options });
      onTestFinished(() => provider[Symbol.asyncDispose]());
      return provider;
    },
  };
}

export async function publish(network: Network, spec: ModelSpec): Promise<void> {
  const registry = { abi: modelRegistryAbi, address: network.modelRegistry };
  await send(network, buyer, { ...registry, functionName: "publish", args: [spec] });
}

/** A batch file that says these prompts, with ids `item-0`, `item-1`, … */
export function batchFile(prompts: readonly string[], body: object = {}): string {
  return prompts
    .map((content, i) => {
      const line = {
        custom_id: `item-${i}`,
        method: "POST",
        url: "/v1/chat/completions",
        body: { model: modelSpec.name, messages: [{ role: "user", content }], max_tokens: 32, ...body },
      };
      return `${JSON.stringify(line)}\n`;
    })
    .join("");
}

export const prompts = (count: number) => Array.from({ length: count }, (_, i) => `prompt number ${i}`);

/** The output of a finished batch, parsed. */
export async function readOutput(client: Millrace, batchId: string): Promise<OutputLine[]> {
  const lines: OutputLine[] = [];
  for await (const line of client.batches.results({ batchId })) lines.push(JSON.parse(line) as OutputLine);
  return lines;
}

export interface OutputLine {
  id: string;
  custom_id: string;
  response: {
    status_code: number;
    request_id: string;
    body: {
      model: string;
      choices: { message: { content: string }; finish_reason: string }[];
      usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
      error?: { code: string };
    };
  } | null;
  error: { code: string; message: string } | null;
}
