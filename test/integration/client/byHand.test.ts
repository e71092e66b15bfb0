import {
  type BatchEvent,
  type BatchRecord,
  type BatchResult,
  createMillrace,
  type Millrace,
} from "@millrace/client";
import { createFolderState } from "@millrace/client/node";
import {
  auditSeedOf,
  auditSetOf,
  CLEAN_RATIO,
  developmentAccount,
  marketAbi,
  voteOf,
} from "@millrace/protocol";
import { createPublicClient, type Hex, http } from "viem";
import { describe, expect, onTestFinished, test } from "vitest";
import { auditSecretOf, auditTreeOf } from "../../../client/src/input/auditSecrets.ts";
import { decodeJson } from "../../../client/src/state/json.ts";
import { passTime } from "./chain.ts";
import {
  batchFile,
  buyer,
  modelSpec,
  type OutputLine,
  openMarket,
  prompts,
  providerAccounts,
  publish,
  type TestMarket,
} from "./fixture.ts";
import { type Opinion, TestJury } from "./testJury.ts";
import { judgedModel } from "./testModel.ts";
import { openWallet } from "./testWallet.ts";

const ACTIVATION_SECONDS = 2;
/** Somebody who has no batch here, and no part in any. */
const stranger = developmentAccount(7);

interface Submitted {
  batchId: string;
  jobId: Hex;
  lotId: Hex;
  /** How the run ends that goes on meanwhile. */
  done: Promise<BatchResult>;
  events: BatchEvent[];
}

/** Runs a batch until its only lot is submitted and verified; it is left to be paid by hand. */
async function submitted(client: Millrace, count = 4): Promise<Submitted> {
  const events: BatchEvent[] = [];
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  let done: Promise<BatchResult> | undefined;
  await new Promise<void>((resolve, reject) => {
    done = client.batches.run({
      input: batchFile(prompts(count)),
      pay: "by-hand",
      signal: stop.signal,
      onProgress: (event) => {
        events.push(event);
        if (event.type === "lot-verified") resolve();
      },
    });
    done.catch(reject);
  });
  const [batch] = await client.batches.list();
  const { batchId } = batch!;
  const { jobs } = await client.batches.retrieve({ batchId });
  const [job] = jobs;
  const [lotId] = [...job!.view.lots.keys()];
  return { batchId, jobId: job!.jobId, lotId: lotId!, done: done!, events };
}

const strangersClient = ({ network }: TestMarket) =>
  createMillrace({ network, account: stranger, pollingIntervalMs: 50 });

async function settledBy(market: TestMarket, lotId: Hex): Promise<Hex | undefined> {
  const reader = createPublicClient({ transport: http(market.network.rpcUrl) });
  const [log] = await reader.getContractEvents({
    address: market.network.market,
    abi: marketAbi,
    eventName: "LotSettled",
    args: { lotId },
    fromBlock: 0n,
  });
  if (!log) return undefined;
  return (await reader.getTransaction({ hash: log.transactionHash })).from;
}

describe("a lot that is left to be paid by hand", () => {
  test("is paid once its buyer accepts it, whom nothing but the chain need tell of it", async () => {
    const market = await openMarket();
    await market.provider(0);
    const { batchId, jobId, lotId, done } = await submitted(market.client());
    const lots = { jobId, lotIds: [lotId] };

    // Who is to say yes can see the answers first.
    const client = market.client();
    expect(await client.batches.verifiedLots({ batchId })).toEqual([lotId]);
    const answers: OutputLine[] = [];
    for await (const line of client.batches.answers({ batchId }))
      answers.push(JSON.parse(line) as OutputLine);
    expect(
      answers.map(({ custom_id, response }) => [custom_id, response?.body.choices[0]?.message.content]),
    ).toEqual(prompts(4).map((prompt, i) => [`item-${i}`, prompt.toUpperCase()]));

    const others = strangersClient(market);
    await expect(others.lots.accept(lots)).rejects.toMatchObject({ code: "other-account" });
    await expect(others.lots.settle(lots)).rejects.toMatchObject({ code: "too-early", retryable: true });
    await expect(others.lots.expire(lots)).rejects.toMatchObject({ code: "wrong-lot-status" });
    // Another machine of the buyer's, without the batch.
    const elsewhere = createMillrace({ network: market.network, account: buyer, pollingIntervalMs: 50 });
    const { lots: known } = await elsewhere.jobs.retrieve({ jobId });
    const due = known.get(lotId)!.due!;
    await expect(elsewhere.lots.accept({ ...lots, maxDue: due - 1n })).rejects.toMatchObject({
      code: "due-too-high",
    });
    expect(await settledBy(market, lotId)).toBeUndefined();
    const { paid, skipped } = await elsewhere.lots.accept({ ...lots, maxDue: due });
    expect(paid).toMatchObject([{ lotId }]);
    expect(paid[0]!.paid + paid[0]!.fee).toBe(due);
    expect(skipped).toEqual([]);

    const { settlement, items } = await done;
    expect(items).toEqual({ total: 4, completed: 4, failed: 0 });
    expect(settlement.paid).toBeGreaterThan(0n);
    await expect(elsewhere.lots.accept(lots)).rejects.toMatchObject({
      code: "wrong-lot-status",
      message: `Lot ${lotId} is settled.`,
    });
  });

  test("is settled by anyone once its window is over", async () => {
    const market = await openMarket();
    await market.provider(0);
    const { jobId, lotId } = await submitted(market.client());
    const { windowSeconds } = await market.client().parameters();
    await passTime(market.network, windowSeconds + 1);

    await strangersClient(market).lots.settle({ jobId, lotIds: [lotId, lotId.toUpperCase() as Hex] });

    // The run settles it too, whoever is quicker.
    expect([stranger.address.toLowerCase(), buyer.address.toLowerCase()]).toContain(
      (await settledBy(market, lotId))?.toLowerCase(),
    );
  });

  test("behavior: says so where somebody else pays it first", async () => {
    const market = await openMarket();
    await market.provider(0);
    const { jobId, lotId } = await submitted(market.client());
    const lots = { jobId, lotIds: [lotId] };
    const quicker = createMillrace({ network: market.network, account: buyer, pollingIntervalMs: 50 });
    // Between the last look and the transaction.
    const { wallet } = openWallet(market.network, buyer.address, {
      onRequest: async (method) => {
        if (method === "eth_sendTransaction") await quicker.lots.accept(lots);
      },
    });
    const slower = createMillrace({ network: market.network, account: wallet, pollingIntervalMs: 50 });

    expect(await slower.lots.accept(lots)).toEqual({ paid: [], skipped: [lotId] });
  });

  test("behavior: a job is not found after the block that it was opened in", async () => {
    const market = await openMarket();
    await market.provider(0);
    const client = market.client();
    const { jobId, lotId } = await submitted(client);
    const reader = createPublicClient({ transport: http(market.network.rpcUrl) });
    const [opened] = await reader.getContractEvents({
      address: market.network.market,
      abi: marketAbi,
      eventName: "JobOpened",
      args: { jobId },
      fromBlock: 0n,
    });
    const { blockNumber } = opened!;

    const { lots } = await client.jobs.retrieve({ jobId, fromBlock: blockNumber });
    expect([...lots.keys()]).toEqual([lotId]);
    await expect(client.jobs.retrieve({ jobId, fromBlock: blockNumber + 1n })).rejects.toMatchObject({
      code: "unknown-job",
    });
  });

  test("behavior: names what is not there", async () => {
    const market = await openMarket();
    await market.provider(0);
    const client = market.client();
    const { jobId, lotId, batchId } = await submitted(client);

    await expect(client.lots.accept({ jobId: lotId, lotIds: [] })).rejects.toMatchObject({
      code: "unknown-job",
    });
    await expect(client.lots.accept({ jobId, lotIds: [jobId] })).rejects.toMatchObject({
      code: "unknown-lot",
    });
    const challenge = client.cases.challenge;
    await expect(challenge({ batchId, lotId: jobId, index: 0 })).rejects.toMatchObject({
      code: "unknown-lot",
    });
    await expect(challenge({ batchId, lotId, index: 4 })).rejects.toMatchObject({ code: "unknown-item" });
    await expect(challenge({ batchId: "none", lotId, index: 0 })).rejects.toMatchObject({
      code: "unknown-batch",
    });
    // The model has no jurors, which can be known before.
    const { bond, obstacle } = await client.cases.terms({ batchId, lotId });
    expect(bond).toBe(10n * (await client.governance.parameters()).court.jurorFee);
    expect(obstacle).toMatchObject({
      code: "challenge-impossible",
      details: expect.stringContaining("does not protect"),
    });
    await expect(challenge({ batchId, lotId, index: 0 })).rejects.toMatchObject({ ...obstacle });
    await client.lots.accept({ jobId, lotIds: [lotId] });
    expect((await client.cases.terms({ batchId, lotId })).obstacle).toMatchObject({
      code: "wrong-lot-status",
    });
  });
});

test("each request of a batch is found among the items of its job", async () => {
  const market = await openMarket();
  const other = { ...modelSpec, name: "other" };
  await publish(market.network, other);
  await market.provider(0);
  await market.provider(1, { model: other });
  const client = market.client();
  const lineOf = (customId: string, { name: model }: { name: string }) =>
    JSON.stringify({
      custom_id: customId,
      method: "POST",
      url: "/v1/chat/completions",
      body: { model, messages: [{ role: "user", content: customId }], max_tokens: 8 },
    });
  const input = [lineOf("a", modelSpec), "", lineOf("b", other), lineOf("c", modelSpec)].join("\n");

  const { batchId } = await client.batches.create({ input });

  const { jobs } = await client.batches.retrieve({ batchId });
  const jobOf = ({ name }: { name: string }) => jobs.find(({ model }) => model === name)!.jobId;
  expect(await client.batches.items({ batchId })).toEqual([
    { customId: "a", position: 0, jobId: jobOf(modelSpec), index: 0 },
    { customId: "b", position: 1, jobId: jobOf(other), index: 0 },
    { customId: "c", position: 2, jobId: jobOf(modelSpec), index: 1 },
  ]);
});

describe("a lot that nobody submits", () => {
  test("is taken from its provider by anyone, and its items are withdrawn by the buyer", async () => {
    const market = await openMarket();
    await market.provider(0, { misdeed: "silence", offer: { capacityItems: 3 } });
    const client = market.client();
    const { batchId } = await client.batches.create({ input: batchFile(prompts(5)) });
    const [job] = (await client.batches.retrieve({ batchId })).jobs;
    const { jobId, view } = job!;
    const [lotId] = [...view.lots.keys()];
    const lots = { jobId, lotIds: [lotId!] };
    const others = strangersClient(market);

    await expect(others.lots.expire(lots)).rejects.toMatchObject({ code: "too-early" });
    await expect(others.jobs.cancel({ jobId })).rejects.toMatchObject({ code: "other-account" });
    const elsewhere = createMillrace({ network: market.network, account: buyer, pollingIntervalMs: 50 });
    expect(await elsewhere.jobs.cancel({ jobId, bidOnly: true })).toEqual({ withdrawnItems: 2 });
    await passTime(market.network, 100_000);
    const before = await others.account.balance();
    expect(await others.lots.expire(lots)).toEqual([lotId]);

    expect((await others.account.balance()).free).toBeGreaterThan(before.free);
    expect(await elsewhere.jobs.cancel({ jobId })).toEqual({ withdrawnItems: 3 });
    expect(await elsewhere.jobs.cancel({ jobId })).toEqual({ withdrawnItems: 0 });
    expect((await client.batches.retrieve({ batchId })).jobs[0]!.items).toMatchObject({ withdrawn: 5 });
  });
});

describe("an item that is challenged by hand", () => {
  async function openCourt(vote?: Opinion): Promise<TestMarket> {
    const market = await openMarket({
      model: judgedModel,
      courtParameters: { activationSeconds: ACTIVATION_SECONDS, phaseSeconds: 300 },
      marketParameters: { windowSeconds: 600 },
    });
    const { network } = market;
    const jury = await TestJury.seat({
      network,
      model: judgedModel,
      activationSeconds: ACTIVATION_SECONDS,
      ...(vote && { vote }),
    });
    onTestFinished(() => jury[Symbol.asyncDispose]());
    return market;
  }

  test("goes to a jury by the batch that runs, is slashed and given to another", async () => {
    const market = await openCourt();
    await market.provider(0, { misdeed: "other-answer", offer: { outputPricePerMillion: 300_000n } });
    await market.provider(1, { claims: true, offers: false });
    const client = market.client();
    const { batchId, lotId, jobId, done, events } = await submitted(client, 8);

    // Another process, which shares the batch's folder.
    await market.client().cases.challenge({ batchId, lotId, index: 2 });
    await expect(client.lots.accept({ jobId, lotIds: [lotId] })).rejects.toMatchObject({
      code: "wrong-lot-status",
    });
    // The other provider's lot is paid once its window is over.
    const paid = setInterval(() => {
      if (events.filter(({ type }) => type === "lot-verified").length < 2) return;
      clearInterval(paid);
      void passTime(market.network, 601);
    }, 50);
    onTestFinished(() => clearInterval(paid));
    const { settlement } = await done;

    expect(await client.cases.list({ lotId })).toMatchObject([
      { kind: "audit", index: 2, phase: "concluded", ending: { verdict: "fault" } },
    ]);
    expect(settlement.providers).toEqual([
      expect.objectContaining({ address: providerAccounts[1]!.address, items: 8 }),
    ]);
    expect(settlement.bonds.returned).toBe(settlement.bonds.staked);
    expect(settlement.bonds.staked).toBeGreaterThan(0n);
  });

  test("outside the audit set is judged alone and voided: the rest of its lot is paid", async () => {
    const market = await openCourt();
    await market.provider(0, { misdeed: "other-answers", claims: true, offer: { minLotItems: 150 } });
    const client = market.client();
    const { batchId, lotId, done } = await submitted(client, 150);
    const index = await outsideAuditSet(market, batchId, lotId);

    const { bond, maxBonds, obstacle } = await client.cases.terms({ batchId, lotId });
    expect(obstacle).toBeUndefined();
    const challenge = { batchId, lotId, index };
    await expect(client.cases.challenge({ ...challenge, maxBonds: maxBonds - 1n })).rejects.toMatchObject({
      code: "challenge-impossible",
    });
    await client.cases.challenge({ ...challenge, maxBonds });

    const { settlement } = await done;
    expect(settlement.bonds.staked).toBe(bond);
    expect(await client.cases.list({ lotId })).toMatchObject([
      { kind: "item", index, phase: "concluded", ending: { verdict: "fault" } },
    ]);
    expect(settlement.providers).toMatchObject([{ address: providerAccounts[0]!.address }]);
    // The two sides share what the jury of five costs.
    expect(settlement.bonds.staked - settlement.bonds.returned).toBe(2_500n);
  });

  test("is paid for where the jury finds it right, and can be challenged before anything runs", async () => {
    const market = await openCourt(() => voteOf(CLEAN_RATIO / 2));
    await market.provider(0);
    const stop = new AbortController();
    const client = market.client();
    const killed = client.batches.run({
      input: batchFile(prompts(3)),
      pay: "by-hand",
      signal: stop.signal,
      onProgress: ({ type }) => type === "lot-submitted" && stop.abort(),
    });
    await expect(killed).rejects.toMatchObject({ name: "AbortError" });
    const [batch] = await client.batches.list();
    const { batchId } = batch!;
    const { jobs } = await client.batches.retrieve({ batchId });
    const [lotId] = [...jobs[0]!.view.lots.keys()];

    await client.cases.challenge({ batchId, lotId: lotId!, index: 0 });
    const { settlement } = await market.client().batches.run({ batchId });

    expect(settlement.providers).toMatchObject([{ items: 3 }]);
    expect(settlement.bonds).toMatchObject({ returned: 0n });
    expect(settlement.bonds.staked).toBeGreaterThan(0n);
  });
});

/** An item that the audit set does not have, as the job's secret and the commitment tell. */
async function outsideAuditSet(market: TestMarket, batchId: string, lotId: Hex): Promise<number> {
  const text = await createFolderState(market.home).read(`batches/${batchId}/record.json`);
  const [job] = decodeJson<BatchRecord>(text!).jobs;
  const [state] = (await market.client().batches.retrieve({ batchId })).jobs;
  const { lot, commitment } = state!.view.lots.get(lotId)!;
  const tree = auditTreeOf(job!.secret, job!.request.itemCount);
  const set = new Set(
    auditSetOf(auditSeedOf(auditSecretOf(tree, job!.secret, lot).secret, commitment!), lot.itemCount),
  );
  return Array.from({ length: lot.itemCount }, (_, index) => index).findIndex((index) => !set.has(index));
}
