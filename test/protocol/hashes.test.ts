import {
  blobTypes,
  commitmentOf,
  deriveSecret,
  encodeTokenIds,
  hashItem,
  hashJob,
  hashReceipt,
  hashReceiptLeaf,
  type Item,
  itemSeed,
  type Job,
  type JobRequest,
  jobIdOf,
  type Lot,
  lotIdOf,
  type MarketRef,
  type ModelSpec,
  marketDomain,
  modelIdOf,
  type Offer,
  offerIdOf,
  type Receipt,
  requesterSeedOf,
  resultsDigestOf,
  type SamplerSettings,
  type Submission,
  samplerHashOf,
  settlementOf,
  stopReasons,
  storedCommitment,
  type Totals,
} from "@millrace/protocol";
import fc from "fast-check";
import {
  type Address,
  type HashTypedDataParameters,
  type Hex,
  hashStruct,
  hashTypedData,
  keccak256,
} from "viem";
import { describe, expect, test } from "vitest";
import { type HashCase, type Row, readVectors, revive } from "./vectors.ts";

const vectors = readVectors<{
  domain: { chainId: number; verifyingContract: Address };
  jobId: HashCase[];
  job: HashCase[];
  lot: HashCase[];
  offer: HashCase[];
  item: HashCase[];
  receipt: HashCase[];
  receiptLeaf: HashCase[];
  modelSpec: HashCase[];
  blob: HashCase[];
  itemSeed: HashCase[];
  secret: HashCase[];
  commitment: { lot: Row; submission: Row; resultsDigest: Hex; hash: Hex }[];
  tokens: { tokenIds: number[]; hash: Hex }[];
  sampler: { settings: SamplerSettings; hash: Hex }[];
}>("hashes");

const ref: MarketRef = { chainId: vectors.domain.chainId, market: vectors.domain.verifyingContract };

type BlobMessage = HashTypedDataParameters<typeof blobTypes, "Blob">["message"];

function jobFrom(row: Row): Job {
  const { buyer, openedAt, parametersVersion, ...request } = revive<Job & JobRequest>(row);
  return { buyer, openedAt, parametersVersion, request: request as unknown as JobRequest };
}

function submissionFrom(row: Row): Submission {
  const { promptTokens, outputTokens, errors, ...results } = revive<Submission & Totals>(row);
  return { ...results, totals: { promptTokens, outputTokens, errors } };
}

function receiptFrom(row: Row): Receipt {
  const stopReason = stopReasons[Number(row.stopReason)];
  if (!stopReason) throw new Error(`No stop reason ${String(row.stopReason)}`);
  return { ...revive<Receipt>(row), stopReason };
}

describe("vectors", () => {
  const kinds: Record<string, [cases: HashCase[], hash: (input: Row) => Hex]> = {
    jobId: [
      vectors.jobId,
      (input) => {
        const { buyer, nonce } = revive<{ buyer: Address; nonce: bigint }>(input);
        return jobIdOf(ref, buyer, nonce);
      },
    ],
    job: [vectors.job, (input) => hashJob(jobFrom(input))],
    lot: [vectors.lot, (input) => lotIdOf(revive<Lot>(input))],
    offer: [vectors.offer, (input) => offerIdOf(ref, revive<Offer>(input))],
    item: [vectors.item, (input) => hashItem(revive<Item>(input))],
    // The last receipt has a stop reason that only Solidity can write.
    receipt: [vectors.receipt.slice(0, -1), (input) => hashReceipt(receiptFrom(input))],
    receiptLeaf: [
      vectors.receiptLeaf,
      (input) => {
        const { receiptHash, ...totals } = revive<Totals & { receiptHash: Hex }>(input);
        return hashReceiptLeaf(receiptHash, totals);
      },
    ],
    modelSpec: [vectors.modelSpec, (input) => modelIdOf(revive<ModelSpec>(input))],
    blob: [
      vectors.blob,
      (input) =>
        hashTypedData({
          domain: marketDomain(ref),
          types: blobTypes,
          primaryType: "Blob",
          message: revive<BlobMessage>(input),
        }),
    ],
    itemSeed: [
      vectors.itemSeed,
      (input) => {
        const { jobId, itemIndex, requesterSeed } = revive<{
          jobId: Hex;
          itemIndex: number;
          requesterSeed: Hex;
        }>(input);
        return itemSeed(jobId, itemIndex, requesterSeed);
      },
    ],
    secret: [
      vectors.secret,
      (input) => {
        const { secret, purpose, index } = revive<{ secret: Hex; purpose: Hex; index: number }>(input);
        return deriveSecret(secret, purpose, index);
      },
    ],
  };

  for (const [kind, [cases, hash]] of Object.entries(kinds)) {
    test.each(cases)(`${kind} %#`, ({ input, hash: expected }) => {
      expect(hash(input)).toBe(expected);
    });
  }

  test.each(vectors.commitment)("commitment %#", ({ lot, submission, resultsDigest, hash }) => {
    expect(resultsDigestOf(submissionFrom(submission))).toBe(resultsDigest);
    expect(commitmentOf(lotIdOf(revive<Lot>(lot)), submissionFrom(submission))).toBe(hash);
  });

  test.each(vectors.tokens)("tokens %#", ({ tokenIds, hash }) => {
    expect(keccak256(encodeTokenIds(tokenIds))).toBe(hash);
  });

  test.each(vectors.sampler)("sampler %#", ({ settings, hash }) => {
    expect(samplerHashOf(settings)).toBe(hash);
  });
});

// What is hashed by the million is encoded by hand, word by word; viem's encoder is the judge.
describe("encodings by hand agree with viem's", () => {
  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => `0x${hex(bytes)}` as Hex);
  const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => `0x${hex(bytes)}` as Hex);
  const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
  const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  const typed = (fields: string) =>
    fields.split(",").map((field) => {
      const [type, name] = field.split(" ");
      return { type: type!, name: name! };
    });

  test("hashItem", () => {
    const types = {
      Item: typed(
        "uint32 index,bytes32 requestHash,uint32 promptTokensCap,uint32 outputTokensCap,bytes32 samplerHash,bytes32 requesterSeed,bytes32 salt",
      ),
    };
    const item = fc.record({
      index: uint32,
      requestHash: hash,
      promptTokensCap: uint32,
      outputTokensCap: uint32,
      samplerHash: hash,
      requesterSeed: hash,
      salt: hash,
    });
    fc.assert(
      fc.property(item, (data) => {
        expect(hashItem(data)).toBe(hashStruct({ types, primaryType: "Item", data }));
      }),
    );
  });

  test("hashReceiptLeaf", () => {
    const types = {
      ReceiptLeaf: typed("bytes32 receiptHash,uint64 promptTokens,uint64 outputTokens,uint32 errors"),
    };
    const totals = fc.record({ promptTokens: uint64, outputTokens: uint64, errors: uint32 });
    fc.assert(
      fc.property(hash, totals, (receiptHash, data) => {
        const expected = hashStruct({
          types,
          primaryType: "ReceiptLeaf",
          data: { receiptHash, ...data },
        });
        expect(hashReceiptLeaf(receiptHash, data)).toBe(expected);
      }),
    );
  });

  test("hashJob", () => {
    const types = {
      Job: typed(
        "address buyer,uint40 openedAt,uint32 parametersVersion,uint256 nonce,bytes32 modelId,bytes32 inputRoot,bytes32 auditRoot,bytes32 encryptionKey,address auditor,uint32 itemCount,uint32 promptTokensCap,uint32 outputTokensCap,uint64 promptLimitPerMillion,uint64 outputLimitPerMillion,uint16 startBps,uint32 rampSeconds,uint32 turnaroundSeconds,uint32 minLotItems,uint96 minLotValue",
      ),
    };
    const terms = fc.record({
      buyer: address,
      openedAt: fc.integer({ min: 0, max: 2 ** 40 - 1 }),
      parametersVersion: uint32,
    });
    const request = fc.record({
      nonce: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
      modelId: hash,
      inputRoot: hash,
      auditRoot: hash,
      encryptionKey: hash,
      auditor: address,
      itemCount: uint32,
      promptTokensCap: uint32,
      outputTokensCap: uint32,
      promptLimitPerMillion: uint64,
      outputLimitPerMillion: uint64,
      startBps: fc.integer({ min: 0, max: 10_000 }),
      rampSeconds: uint32,
      turnaroundSeconds: uint32,
      minLotItems: uint32,
      minLotValue: fc.bigInt({ min: 0n, max: 2n ** 96n - 1n }),
    });
    fc.assert(
      fc.property(terms, request, (job, fields) => {
        const expected = hashStruct({ types, primaryType: "Job", data: { ...job, ...fields } });
        expect(hashJob({ ...job, request: fields })).toBe(expected);
      }),
    );
  });
});

describe("a settlement", () => {
  const submission = submissionFrom(vectors.commitment[0]!.submission);
  const lot = revive<Lot>(vectors.commitment[0]!.lot);

  test("is the lot with what of its submission is needed to pay it", () => {
    expect(settlementOf(lot, submission)).toEqual({
      lot,
      resultsDigest: vectors.commitment[0]!.resultsDigest,
      totals: submission.totals,
    });
  });

  test("is of one commitment alone: every field of the submission is in it", () => {
    const commitments = new Set<Hex>([commitmentOf(lotIdOf(lot), submission)]);
    const other = `0x${"ab".repeat(32)}` as const;
    const { totals } = submission;
    const others: Submission[] = [
      { ...submission, root: other },
      { ...submission, resultsHash: other },
      { ...submission, resultsKeyHash: other },
      { ...submission, totals: { ...totals, promptTokens: totals.promptTokens + 1n } },
      { ...submission, totals: { ...totals, outputTokens: totals.outputTokens + 1n } },
      { ...submission, totals: { ...totals, errors: totals.errors + 1 } },
    ];
    for (const changed of others) commitments.add(commitmentOf(lotIdOf(lot), changed));
    commitments.add(commitmentOf(lotIdOf({ ...lot, attempt: lot.attempt + 1 }), submission));
    expect(commitments.size).toBe(8);
  });

  test("is known by the first 208 bits of its commitment", () => {
    const { hash } = vectors.commitment[0]!;
    expect(storedCommitment(hash)).toBe(hash.slice(0, 2 + 52));
  });
});

describe("integers out of range", () => {
  test.each([-1, 0.5, Number.NaN, 2 ** 53])("refuses the index %d", (index) => {
    const item = revive<Item>(vectors.item[0]!.input);
    expect(() => hashItem({ ...item, index })).toThrow(RangeError);
  });

  test.each([-1n, 2n ** 256n])("refuses the nonce %d", (nonce) => {
    expect(() => jobIdOf(ref, ref.market, nonce)).toThrow(RangeError);
  });
});

describe("requesterSeedOf", () => {
  test.each([
    [undefined, 0n],
    [null, 0n],
    [7, 7n],
    [-1, 2n ** 64n - 1n],
  ])("takes the seed %s as a uint64", (seed, expected) => {
    expect(BigInt(requesterSeedOf({ seed }))).toBe(expected);
  });
});
