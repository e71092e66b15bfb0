import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  encodeInput,
  encodeTokenIds,
  encryptionKeysOf,
  failedOutcome,
  generateEncryptionKeys,
  hashText,
  type ItemInput,
  type ItemResult,
  itemLeaf,
  type Job,
  type Lot,
  lotIdOf,
  type ModelSpec,
  modelIdOf,
  PositionalTree,
  seal,
} from "@millrace/protocol";
import { pino } from "pino";
import { keccak256, zeroAddress, zeroHash } from "viem";
import { beforeEach, expect, test } from "vitest";
import { commitLot, readCommitment, readReceipts } from "../../../provider-agent/src/commit/commitLot.ts";
import { openItemsLog } from "../../../provider-agent/src/infer/itemsLog.ts";
import type { StageContext } from "../../../provider-agent/src/lots/context.ts";
import { writeFileAtomically } from "../../../provider-agent/src/lots/files.ts";
import { lotFiles, type OwnLot } from "../../../provider-agent/src/lots/lotBook.ts";

const spec: ModelSpec = {
  name: "tiny",
  weightsHash: hashText("weights"),
  sizeBytes: 1n,
  quantization: "Q8_0",
  contextTokens: 512,
  chatTemplateHash: zeroHash,
  licence: "Apache-2.0",
  classHash: hashText("class"),
};
const items = Array.from(
  { length: 3 },
  (_, index): ItemInput => ({
    request: `{"messages":[],"seed":${index}}`,
    promptTokensCap: 10,
    outputTokensCap: 4,
    samplerHash: hashText("sampler"),
    requesterSeed: zeroHash,
    salt: hashText(`item ${index}`),
  }),
);
const tree = new PositionalTree(items.map((item, index) => itemLeaf(index, item)));
const FIRST_ITEM = 1;

const good = (tokenIds: number[], promptTokens = 2): ItemResult => ({
  stopReason: "stop",
  promptTokens,
  promptTokensHash: keccak256(encodeTokenIds([1, 2])),
  tokenIds,
  fingerprint: "0x",
  salt: hashText("salt"),
  text: "text",
});

let context: StageContext;
let own: OwnLot;

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-commit-"));
  const jobId = hashText("job");
  const job: Job = {
    buyer: zeroAddress,
    openedAt: 1,
    parametersVersion: 1,
    request: {
      nonce: 0n,
      modelId: modelIdOf(spec),
      inputRoot: tree.root,
      auditRoot: zeroHash,
      encryptionKey: zeroHash,
      auditor: zeroAddress,
      itemCount: items.length,
      promptTokensCap: 10,
      outputTokensCap: 4,
      promptLimitPerMillion: 1n,
      outputLimitPerMillion: 1n,
      startBps: 10_000,
      rampSeconds: 0,
      turnaroundSeconds: 60,
      minLotItems: 1,
      minLotValue: 0n,
    },
  };
  const lot: Lot = {
    jobId,
    buyer: zeroAddress,
    provider: zeroAddress,
    firstItem: FIRST_ITEM,
    itemCount: 2,
    attempt: 0,
    promptPricePerMillion: 1n,
    outputPricePerMillion: 1n,
    escrow: 1n,
    collateral: 1n,
    penalty: 1n,
    releaseCharge: 0n,
    graceEndsAt: 10,
    deadline: 100,
    windowSeconds: 10,
    feeBps: 0,
    bountyBps: 0,
  };
  const keys = await encryptionKeysOf((await generateEncryptionKeys()).identity);
  const sealed = await seal(keys.publicKey, encodeInput({ jobId, items, tree }, lot));
  await writeFileAtomically(join(folder, lotFiles.input), sealed);
  own = {
    lotId: lotIdOf(lot),
    lot,
    job,
    folder,
    stage: "commit",
    itemsDone: 2,
    missingSince: undefined,
    interrupt: undefined,
  };
  // The cast: committing needs neither chain nor engine.
  context = {
    spec,
    secrets: { keys, saltSecret: zeroHash },
    logger: pino({ level: "silent" }),
  } as Partial<StageContext> as StageContext;
  return () => rm(folder, { recursive: true, force: true });
});

async function computed(results: readonly ItemResult[]): Promise<void> {
  const log = await openItemsLog(own.folder);
  await Promise.all(results.map((result, index) => log.append(index, result)));
  await log.close();
}

test.each<[string, string, ItemResult[]]>([
  ["more output than an item's cap", "cap of item 2", [good([1]), good([1, 2, 3, 4, 5])]],
  ["more of a prompt than an item's cap", "cap of item 1", [good([1], 11), good([1])]],
  [
    "tokens of an item that failed",
    "statement of item 2",
    [
      good([1]),
      {
        ...failedOutcome("error", zeroHash),
        tokenIds: [1],
        text: "",
        error: { code: "engine-failed", message: "" },
      },
    ],
  ],
  ["an item that is not there", "item 1 is not computed", [good([1])]],
])("%s: self-check-failed, and nothing is kept to be submitted", async (_, details, results) => {
  await computed(results);
  await expect(commitLot(context, own)).rejects.toMatchObject({ code: "self-check-failed", details });
  expect(await readCommitment(own)).toBeUndefined();
});

test("a spec that is not the job's: refused, as every receipt would be a fault", async () => {
  await computed([good([1]), good([1])]);
  const other = { ...context, spec: { ...spec, classHash: hashText("other") } };
  await expect(commitLot(other, own)).rejects.toMatchObject({ code: "not-committed" });
  expect(await readCommitment(own)).toBeUndefined();
});

test("what is committed to stays, and its receipts can be written again by an agent that runs another model", async () => {
  await computed([good([1, 2]), good([3])]);
  const first = await commitLot(context, own);
  expect(first.submission.totals).toEqual({ promptTokens: 4n, outputTokens: 3n, errors: 0 });
  expect(await commitLot(context, own)).toEqual(first);
  const other = { ...context, spec: { ...spec, classHash: hashText("other") } };
  const book = await readReceipts(other, own, (await readCommitment(own))!);
  expect(book.tree.root).toBe(first.submission.root);
  expect(book.receipts.map(({ itemIndex }) => itemIndex)).toEqual([FIRST_ITEM, FIRST_ITEM + 1]);
});
