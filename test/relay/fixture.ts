import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import {
  authorOf,
  type BlobKey,
  type BlobKind,
  blobHeaders,
  blobPath,
  blobTypes,
  courtAbi,
  developmentAccount,
  encodeLot,
  fillSkips,
  formatNetwork,
  hashChunks,
  type JobRequest,
  type Lot,
  lotIdOf,
  type MarketRef,
  marketAbi,
  marketDomain,
  type Network,
  type Offer,
  rangeOf,
  termsOf,
  testUsdAbi,
} from "@millrace/protocol";
import { type CreateRelayParameters, createRelay, type Relay } from "@millrace/relay";
import {
  createPublicClient,
  createWalletClient,
  type Hex,
  hashTypedData,
  http,
  type LocalAccount,
  parseEventLogs,
  zeroAddress,
  zeroHash,
} from "viem";
import { onTestFinished } from "vitest";

export const buyer = developmentAccount(0);
export const provider = developmentAccount(1);
export const stranger = developmentAccount(2);

/** A job of one item, given to the provider at once. */
export const defaults = {
  offer: {
    provider: provider.address,
    modelId: `0x${"11".repeat(32)}`,
    encryptionKey: `0x${"22".repeat(32)}`,
    promptPricePerMillion: 100_000n,
    outputPricePerMillion: 400_000n,
    capacityItems: 1_000,
    minLotItems: 1,
    maxLotItems: 100,
    minLotValue: 0n,
    maxPromptTokens: 512,
    maxOutputTokens: 512,
    minTurnaroundSeconds: 0,
    validUntil: 2 ** 40 - 1,
    epoch: 0,
    salt: 0n,
  } satisfies Offer as Offer,
  request: {
    nonce: 0n,
    modelId: `0x${"11".repeat(32)}`,
    inputRoot: `0x${"33".repeat(32)}`,
    auditRoot: zeroHash,
    encryptionKey: `0x${"44".repeat(32)}`,
    auditor: zeroAddress,
    itemCount: 1,
    promptTokensCap: 100,
    outputTokensCap: 100,
    promptLimitPerMillion: 100_000n,
    outputLimitPerMillion: 400_000n,
    startBps: 10_000,
    rampSeconds: 0,
    turnaroundSeconds: 3_600,
    minLotItems: 1,
    minLotValue: 0n,
  } satisfies JobRequest as JobRequest,
};

/** Sends a transaction and waits until it is mined well. */
export async function send(
  network: Network,
  account: LocalAccount,
  call: { abi: readonly unknown[]; address: Hex; functionName: string; args: readonly unknown[] },
) {
  const transport = http(network.rpcUrl);
  const wallet = createWalletClient({ account, transport });
  const reader = createPublicClient({ transport, pollingInterval: 20 });
  const hash = await wallet.writeContract({ ...call, chain: null } as never);
  const receipt = await reader.waitForTransactionReceipt({ hash });
  if (receipt.status !== "success") throw new Error(`${call.functionName} reverted`);
  return receipt;
}

/** Gives buyer and provider money and posts the default offer. */
export async function openMarket(network: Network): Promise<void> {
  const amount = 10n ** 12n;
  for (const account of [buyer, provider]) {
    const asset = { abi: testUsdAbi, address: network.asset };
    await send(network, account, { ...asset, functionName: "mint", args: [account.address, amount] });
    await send(network, account, { ...asset, functionName: "approve", args: [network.market, amount] });
    await callMarket(network, account, "deposit", [account.address, amount]);
  }
  await callMarket(network, provider, "postOffer", [defaults.offer]);
}

export function callMarket(
  network: Network,
  account: LocalAccount,
  functionName: string,
  args: readonly unknown[],
) {
  return send(network, account, { abi: marketAbi, address: network.market, functionName, args });
}

let jobs = 0n;

/** Opens a job of one item and returns its lot. */
export async function openLot(network: Network, nonce = ++jobs): Promise<Lot> {
  const request = { ...defaults.request, nonce };
  const receipt = await callMarket(network, buyer, "openJob", [
    buyer.address,
    request,
    [{ offer: defaults.offer, signature: "0x", lotItems: [1] }],
  ]);
  const [assigned] = parseEventLogs({ abi: marketAbi, eventName: "LotAssigned", logs: receipt.logs });
  if (!assigned) {
    const [skipped] = parseEventLogs({ abi: marketAbi, eventName: "FillSkipped", logs: receipt.logs });
    throw new Error(`The fill was not taken: ${fillSkips[skipped?.args.reason ?? 0]}.`);
  }
  return assigned.args.lot;
}

/** Submits a lot, of nothing in particular. */
export async function submitLot(network: Network, lot: Lot): Promise<void> {
  const totals = { promptTokens: 1n, outputTokens: 1n, errors: 0 };
  const submission = { root: zeroHash, resultsHash: zeroHash, resultsKeyHash: zeroHash, totals };
  await callMarket(network, provider, "submit", [termsOf(lot), [{ range: rangeOf(lot), submission }]]);
}

/** Has the court hold a submitted lot, because its buyer wants the results once more. */
export async function demandDelivery(network: Network, lot: Lot): Promise<void> {
  const reader = createPublicClient({ transport: http(network.rpcUrl) });
  const [opened] = await reader.getContractEvents({
    abi: marketAbi,
    address: network.market,
    eventName: "JobOpened",
    args: { jobId: lot.jobId },
    fromBlock: 0n,
    strict: true,
  });
  await send(network, buyer, {
    abi: courtAbi,
    address: network.court,
    functionName: "demandDelivery",
    args: [opened?.args.job, lot],
  });
}

/** A folder that goes when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-relay-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A relay that closes when the test ends. */
export async function startRelay(
  parameters: Partial<CreateRelayParameters> & Pick<CreateRelayParameters, "networks">,
): Promise<Relay & { folder: string }> {
  const folder = parameters.folder ?? (await temporaryFolder());
  const relay = await createRelay({ ...parameters, folder });
  onTestFinished(() => relay.close());
  return { ...relay, folder };
}

export interface RelayProgram {
  child: ChildProcess;
  url: string;
  /** What it has written to standard error. */
  log(): string;
}

/** Starts the relay's command on any free port. It is killed when the test ends. */
export async function startProgram({
  folder,
  network,
  args = [],
  nodeFlags = [],
  shell = ":",
}: {
  folder: string;
  network: Network;
  args?: readonly string[];
  nodeFlags?: readonly string[];
  /** A shell command to run before, such as a limit to set. */
  shell?: string;
}): Promise<RelayProgram> {
  const networkPath = join(await temporaryFolder(), "network.json");
  await writeFile(networkPath, formatNetwork(network));
  const command = [process.execPath, ...nodeFlags, fileURLToPath(import.meta.resolve("@millrace/relay/cli"))];
  const child = spawn("sh", ["-c", `${shell}; exec "$@"`, "sh", ...command, ...args], {
    env: { ...process.env, RELAY_FOLDER: folder, RELAY_PORT: "0", MILLRACE_NETWORK: networkPath },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^Relay (http\S+)$/.exec(line)?.[1];
    if (url !== undefined) return { child, url, log: () => log };
  }
  throw new Error(`The relay did not start: ${log}`);
}

export function keyOf(network: MarketRef, lot: Lot, kind: BlobKind): BlobKey {
  const { chainId, market } = network;
  return { chainId, market, jobId: lot.jobId, lotId: lotIdOf(lot), kind, author: authorOf(kind, lot) };
}

/** What a PUT consists of, each part of which a test may spoil. */
export interface RawPut {
  path: string;
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer>;
}

function blobMessage({ jobId, lotId, kind, author }: BlobKey, body: Uint8Array) {
  const contentHash = hashChunks(body);
  const message = { jobId, lotId, kind, author, contentHash, sizeBytes: BigInt(body.length) };
  return { types: blobTypes, primaryType: "Blob", message } as const;
}

/** What the author of a blob signs. */
export function blobDigest(network: MarketRef, key: BlobKey, body: Uint8Array): Hex {
  return hashTypedData({ domain: marketDomain(network), ...blobMessage(key, body) });
}

/** A PUT as `putBlob` makes it, signed by `signer`. */
export async function makePut(
  network: MarketRef,
  {
    lot,
    kind,
    body,
    signer,
    key = keyOf(network, lot, kind),
  }: { lot: Lot; kind: BlobKind; body: Uint8Array; signer?: LocalAccount; key?: BlobKey },
): Promise<RawPut> {
  const account = signer ?? (authorOf(kind, lot) === lot.buyer ? buyer : provider);
  const signature = await account.signTypedData({
    domain: marketDomain(network),
    ...blobMessage(key, body),
  });
  return {
    path: blobPath(key),
    headers: {
      [blobHeaders.contentHash]: hashChunks(body),
      [blobHeaders.signature]: signature,
      [blobHeaders.lot]: Buffer.from(encodeLot(lot)).toString("base64url"),
    },
    body: new Uint8Array(body),
  };
}

export function sendPut(url: string, { path, headers, body }: RawPut): Promise<Response> {
  return fetch(new URL(path, url), { method: "PUT", headers, body });
}

/** Starts a request whose path nobody tidies, and whose body comes as the test sends it. */
export function startRaw(
  url: string,
  { path, headers = {}, method = "PUT" }: { path: string; headers?: Record<string, string>; method?: string },
): { request: ClientRequest; response: Promise<IncomingMessage> } {
  const { hostname, port } = new URL(url);
  const request = httpRequest({ hostname, port, path, method, headers, agent: false });
  const response = once(request, "response").then(([message]) => message as IncomingMessage);
  // A test that cuts the connection does not ask for the response.
  response.catch(() => {});
  return { request, response };
}

/** Sends a request whose path nobody tidies. */
export async function sendRaw(
  url: string,
  {
    body = new Uint8Array(),
    chunked = false,
    headers = {},
    ...rest
  }: {
    path: string;
    headers?: Record<string, string>;
    method?: string;
    body?: Uint8Array;
    chunked?: boolean;
  },
) {
  const length = chunked ? { "transfer-encoding": "chunked" } : { "content-length": String(body.length) };
  const { request, response } = startRaw(url, { ...rest, headers: { ...headers, ...length } });
  request.end(body);
  const message = await response;
  const status = message.statusCode ?? 0;
  const text = (await buffer(message)).toString();
  return outcomeOf(new Response(text === "" ? null : text, { status }));
}

/** A refusal's status and code, or the status and nothing. */
export async function outcomeOf(response: Response): Promise<{ status: number; code: string | undefined }> {
  const text = await response.text();
  const code = text === "" ? undefined : (JSON.parse(text) as { error: { code: string } }).error.code;
  return { status: response.status, code };
}

/** Every file beneath a relay's folder. */
export async function filesIn(folder: string): Promise<string[]> {
  for (;;) {
    try {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    } catch (error) {
      // A relay at work has just removed a folder: look again.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
}

/** Bytes that look like ciphertext, the same for the same seed. */
export function noise(sizeBytes: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeBytes);
  let state = seed >>> 0;
  for (let index = 0; index < sizeBytes; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}
