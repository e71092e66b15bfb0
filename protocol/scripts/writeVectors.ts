// Writes those of vectors/ that are missing, and compares the others: they are frozen, and to change one is to change
// the protocol.
//
// Nothing here comes from src/: what is expected is computed by viem's encoders and the plainest code there is, so that
// the vectors check src/ and the contracts alike.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import {
  concatHex,
  type Hex,
  hashStruct,
  hashTypedData,
  keccak256,
  maxUint256,
  numberToHex,
  type TypedDataParameter,
} from "viem";
import { auditSet } from "./auditSetVectors.ts";
import { hashOf, levelsOf, node, pad, words } from "./plainHashes.ts";
import { gumbel } from "./proofVectors.ts";

type Row = Record<string, string | number | bigint>;

const domain = {
  name: "Millrace",
  version: "1",
  chainId: 8453,
  // "Millrace" in ASCII, so that nobody takes it for a deployment.
  verifyingContract: "0x4d696c6c72616365000000000000000000000001",
} as const;

const fieldsOf = (text: string): TypedDataParameter[] =>
  text.split(",").map((field) => {
    const [type, name] = field.split(" ");
    return { type: type!, name: name! };
  });

const types = {
  Job: fieldsOf(
    "address buyer,uint40 openedAt,uint32 parametersVersion,uint256 nonce,bytes32 modelId,bytes32 inputRoot,bytes32 auditRoot,bytes32 encryptionKey,address auditor,uint32 itemCount,uint32 promptTokensCap,uint32 outputTokensCap,uint64 promptLimitPerMillion,uint64 outputLimitPerMillion,uint16 startBps,uint32 rampSeconds,uint32 turnaroundSeconds,uint32 minLotItems,uint96 minLotValue",
  ),
  Lot: fieldsOf(
    "bytes32 jobId,address buyer,address provider,uint64 promptPricePerMillion,uint64 outputPricePerMillion,uint40 graceEndsAt,uint40 deadline,uint32 windowSeconds,uint16 feeBps,uint16 bountyBps,uint32 firstItem,uint32 itemCount,uint16 attempt,uint96 escrow,uint96 collateral,uint96 penalty,uint96 releaseCharge",
  ),
  Offer: fieldsOf(
    "address provider,bytes32 modelId,bytes32 encryptionKey,uint64 promptPricePerMillion,uint64 outputPricePerMillion,uint32 capacityItems,uint32 minLotItems,uint32 maxLotItems,uint96 minLotValue,uint32 maxPromptTokens,uint32 maxOutputTokens,uint32 minTurnaroundSeconds,uint40 validUntil,uint32 epoch,uint64 salt",
  ),
  Item: fieldsOf(
    "uint32 index,bytes32 requestHash,uint32 promptTokensCap,uint32 outputTokensCap,bytes32 samplerHash,bytes32 requesterSeed,bytes32 salt",
  ),
  Receipt: fieldsOf(
    "uint8 version,bytes32 jobId,uint32 itemIndex,bytes32 classHash,bytes32 inputLeaf,bytes32 promptTokensHash,bytes32 outputTokensHash,uint32 promptTokens,uint32 outputTokens,uint8 stopReason,bytes32 fingerprintHash,bytes32 salt",
  ),
  ReceiptLeaf: fieldsOf("bytes32 receiptHash,uint64 promptTokens,uint64 outputTokens,uint32 errors"),
  Results: fieldsOf("bytes32 root,bytes32 resultsHash,bytes32 resultsKeyHash"),
  Commitment: fieldsOf(
    "bytes32 lotId,bytes32 resultsDigest,uint64 promptTokens,uint64 outputTokens,uint32 errors",
  ),
  ModelSpec: fieldsOf(
    "string name,bytes32 weightsHash,uint64 sizeBytes,string quantization,uint32 contextTokens,bytes32 chatTemplateHash,string licence,bytes32 classHash",
  ),
  Blob: fieldsOf(
    "bytes32 jobId,bytes32 lotId,string kind,address author,bytes32 contentHash,uint64 sizeBytes",
  ),
};
type TypeName = keyof typeof types;

const structHash = (name: TypeName, row: Row): Hex => hashStruct({ types, primaryType: name, data: row });
const digest = (name: TypeName, row: Row): Hex =>
  hashTypedData({ domain, types, primaryType: name, message: row });
/** Every field at its zero, or at its greatest. */
function extremeRow(name: TypeName, which: "zero" | "max"): Row {
  const row: Row = {};
  for (const { type, name: field } of types[name]) {
    const bits = Number(/^uint(\d+)$/.exec(type)?.[1] ?? (type === "address" ? 160 : 256));
    const value = which === "zero" ? 0n : 2n ** BigInt(bits) - 1n;
    if (type === "string") row[field] = which === "zero" ? "" : "\u{10ffff}";
    else row[field] = type.startsWith("uint") ? value : numberToHex(value, { size: bits / 8 });
  }
  return row;
}

const buyer = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const provider = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

// ------------------------------------------------------------------ hashes.json

const jobIdOf = (chainId: number, market: Hex, by: Hex, nonce: bigint): Hex =>
  words(["uint256", chainId], ["address", market], ["address", by], ["uint256", nonce]);
const jobId = jobIdOf(domain.chainId, domain.verifyingContract, buyer, 7n);

const ordinary = {
  Job: {
    buyer,
    openedAt: 1_800_000_000,
    parametersVersion: 1,
    nonce: 7n,
    modelId: hashOf("model"),
    inputRoot: hashOf("input root"),
    auditRoot: hashOf("audit root"),
    encryptionKey: hashOf("buyer key"),
    auditor: "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
    itemCount: 200,
    promptTokensCap: 512,
    outputTokensCap: 128,
    promptLimitPerMillion: 400_000n,
    outputLimitPerMillion: 1_200_000n,
    startBps: 5_000,
    rampSeconds: 60,
    turnaroundSeconds: 600,
    minLotItems: 10,
    minLotValue: 2_500n,
  },
  Lot: {
    jobId,
    buyer,
    provider,
    promptPricePerMillion: 300_000n,
    outputPricePerMillion: 900_000n,
    graceEndsAt: 1_800_000_030,
    deadline: 1_800_000_635,
    windowSeconds: 60,
    feeBps: 100,
    bountyBps: 1_000,
    firstItem: 40,
    itemCount: 60,
    attempt: 1,
    escrow: 21_540n,
    collateral: 16_200n,
    penalty: 5_934n,
    releaseCharge: 81n,
  },
  Offer: {
    provider,
    modelId: hashOf("model"),
    encryptionKey: hashOf("provider key"),
    promptPricePerMillion: 300_000n,
    outputPricePerMillion: 900_000n,
    capacityItems: 10_000,
    minLotItems: 1,
    maxLotItems: 1_000,
    minLotValue: 1_500n,
    maxPromptTokens: 512,
    maxOutputTokens: 512,
    minTurnaroundSeconds: 60,
    validUntil: 1_900_000_000,
    epoch: 0,
    salt: 42n,
  },
  Item: {
    index: 41,
    requestHash: hashOf('{"messages":[]}'),
    promptTokensCap: 512,
    outputTokensCap: 128,
    samplerHash: hashOf("sampler"),
    requesterSeed: hashOf("requester seed"),
    salt: hashOf("item salt"),
  },
  Receipt: {
    version: 1,
    jobId,
    itemIndex: 41,
    classHash: hashOf("class"),
    inputLeaf: hashOf("input leaf"),
    promptTokensHash: hashOf("prompt tokens"),
    outputTokensHash: hashOf("output tokens"),
    promptTokens: 31,
    outputTokens: 17,
    stopReason: 2,
    fingerprintHash: hashOf("fingerprints"),
    salt: hashOf("receipt salt"),
  },
  ReceiptLeaf: { receiptHash: hashOf("receipt"), promptTokens: 1_000n, outputTokens: 500n, errors: 3 },
  ModelSpec: {
    name: "Ωmega-7B chat",
    weightsHash: hashOf("weights"),
    sizeBytes: 4_661_211_808n,
    quantization: "Q4_K_M",
    contextTokens: 8_192,
    chatTemplateHash: hashOf("template"),
    licence: "Apache-2.0",
    classHash: hashOf("class"),
  },
  Blob: {
    jobId,
    lotId: hashOf("lot"),
    kind: "results",
    author: provider,
    contentHash: hashOf("content"),
    sizeBytes: 123_456n,
  },
} satisfies Partial<Record<TypeName, Row>>;

const casesOf = (name: keyof typeof ordinary, hash: (name: TypeName, row: Row) => Hex) =>
  [ordinary[name], extremeRow(name, "zero"), extremeRow(name, "max")].map((input: Row) => ({
    input,
    hash: hash(name, input),
  }));

const commitments = [
  { lot: ordinary.Lot as Row, totals: { promptTokens: 1_860n, outputTokens: 1_020n, errors: 1 } },
  {
    lot: extremeRow("Lot", "max"),
    totals: { promptTokens: 2n ** 64n - 1n, outputTokens: 2n ** 64n - 1n, errors: 2 ** 32 - 1 },
  },
].map(({ lot, totals }, i) => {
  const results = {
    root: hashOf(`receipts ${i}`),
    resultsHash: hashOf(`results ${i}`),
    resultsKeyHash: hashOf(`key ${i}`),
  };
  const resultsDigest = structHash("Results", results);
  const hash = structHash("Commitment", { lotId: structHash("Lot", lot), resultsDigest, ...totals });
  // The totals in line, as they are encoded: a struct of value types has no head of its own.
  return { lot, submission: { ...results, ...totals }, resultsDigest, hash };
});

const tokensCases = [[], [0], [1, 2, 3], [255, 256, 65_535, 65_536, 2 ** 32 - 1]].map((tokenIds) => ({
  tokenIds,
  // Least significant byte first, four bytes each.
  hash: keccak256(
    concatHex(tokenIds.map((id) => numberToHex(BigInt(id), { size: 4 })).map((hex) => reversed(hex))),
  ),
}));

function reversed(hex: Hex): Hex {
  return `0x${(hex.slice(2).match(/../g) ?? []).reverse().join("")}`;
}

const samplerType = hashOf("Sampler(uint32 temperatureMicros,bytes32 stopHash,bytes32 grammarHash)");
const samplerCases = [
  { settings: {}, temperatureMicros: 1_000_000 },
  { settings: { temperature: 0 }, temperatureMicros: 0 },
  { settings: { temperature: 0.7, stop: ["\n\n", "END"] }, temperatureMicros: 700_000 },
  {
    settings: { temperature: 1.5, stop: "é", response_format: { type: "json_object" } },
    temperatureMicros: 1_500_000,
  },
].map(({ settings, temperatureMicros }) => {
  const { stop, response_format: format } = settings as { stop?: unknown; response_format?: unknown };
  const textHash = (value: unknown) =>
    value === undefined ? numberToHex(0, { size: 32 }) : hashOf(JSON.stringify(value));
  return {
    settings,
    hash: words(
      ["bytes32", samplerType],
      ["uint32", temperatureMicros],
      ["bytes32", textHash(stop)],
      ["bytes32", textHash(format)],
    ),
  };
});

const hashes = {
  domain,
  jobId: [
    { buyer, nonce: 7n },
    { buyer: provider, nonce: 0n },
    { buyer: numberToHex(2n ** 160n - 1n, { size: 20 }), nonce: maxUint256 },
  ].map((input) => ({
    input,
    hash: jobIdOf(domain.chainId, domain.verifyingContract, input.buyer as Hex, input.nonce),
  })),
  job: casesOf("Job", structHash),
  lot: casesOf("Lot", structHash),
  offer: casesOf("Offer", digest),
  item: casesOf("Item", structHash),
  // Receipts of the greatest stop reason, 255, exist for Solidity alone.
  receipt: casesOf("Receipt", structHash),
  receiptLeaf: casesOf("ReceiptLeaf", structHash),
  commitment: commitments,
  modelSpec: casesOf("ModelSpec", structHash),
  blob: casesOf("Blob", digest),
  tokens: tokensCases,
  sampler: samplerCases,
  itemSeed: [
    { jobId, itemIndex: 0, requesterSeed: numberToHex(0, { size: 32 }) },
    { jobId, itemIndex: 41, requesterSeed: hashOf("requester seed") },
  ].map((input) => ({
    input,
    hash: words(["bytes32", input.jobId], ["uint256", input.itemIndex], ["bytes32", input.requesterSeed]),
  })),
  secret: [{ secret: hashOf("secret"), purpose: hashOf("salt"), index: 9 }].map((input) => ({
    input,
    hash: words(["bytes32", input.secret], ["bytes32", input.purpose], ["uint256", input.index]),
  })),
};

// ------------------------------------------------------------------ tree.json

/** The leaf at index i of every tree here: keccak256 of i as a word. */
const leafAt = (i: number): Hex => words(["uint256", i]);

const trees = [1, 2, 3, 4, 5, 6, 7, 8, 9, 1_000].map((count) => {
  const levels = levelsOf(Array.from({ length: count }, (_, i) => leafAt(i)));
  const indices = count < 10 ? Array.from({ length: count }, (_, i) => i) : [0, 1, 511, 512, 743, 998, 999];
  return {
    count,
    root: levels.at(-1)![0]!,
    paths: indices.map((index) => ({
      index,
      leaf: leafAt(index),
      path: levels.slice(0, -1).map((level, height) => level[(index >> height) ^ 1]!),
    })),
  };
});

/** The nodes beside leaves [first, first + count) on the way up, lowest level first, left before right. */
function rangeProof(total: number, first: number, count: number): Hex[] {
  const levels = levelsOf(Array.from({ length: total }, (_, i) => leafAt(i)));
  return levels.slice(0, -1).flatMap((level, height) => {
    const left = first >> height;
    const right = (first + count - 1) >> height;
    return [...(left % 2 === 1 ? [level[left - 1]!] : []), ...(right % 2 === 0 ? [level[right + 1]!] : [])];
  });
}

const tree = {
  node,
  pad,
  empty: hashOf("millrace.tree.empty.v1"),
  trees,
  ranges: [
    [1, 0, 1],
    [2, 1, 1],
    [7, 2, 3],
    [9, 0, 9],
    [9, 8, 1],
    [1_000, 100, 250],
    [1_000, 999, 1],
    [1_000, 0, 1_000],
  ].map(([total, first, count]) => ({
    total,
    first,
    count,
    proof: rangeProof(total!, first!, count!),
  })),
};

// ------------------------------------------------------------------ chunks.json

const chunkBytes = 262_144;
/** Byte i of every blob here: (i × 31 + i ÷ 256) mod 256. */
const byteAt = (i: number) => (i * 31 + Math.floor(i / 256)) % 256;

const chunks = {
  chunkBytes,
  blobs: [0, 1, chunkBytes - 1, chunkBytes, chunkBytes + 1, 3 * chunkBytes].map((sizeBytes) => {
    const bytes = Uint8Array.from({ length: sizeBytes }, (_, i) => byteAt(i));
    const leaves = Array.from({ length: Math.max(1, Math.ceil(sizeBytes / chunkBytes)) }, (_, i) =>
      keccak256(bytes.slice(i * chunkBytes, (i + 1) * chunkBytes)),
    );
    const root = levelsOf(leaves).at(-1)![0]!;
    return {
      sizeBytes,
      hash: words(["bytes32", hashOf("millrace.chunks.v1")], ["uint256", sizeBytes], ["bytes32", root]),
    };
  }),
};

// ------------------------------------------------------------------ pricing.json

const max64 = 2n ** 64n - 1n;
const ceilDiv = (a: bigint, b: bigint) => (a % b === 0n ? a / b : a / b + 1n);

const pricing = {
  costUp: [
    [0n, 0n, 0n, 0n],
    [1n, 0n, 1n, 0n],
    [1_000_000n, 0n, 1n, max64],
    [999_999n, 1n, 1n, 1n],
    [1_000_000n, 1n, 1n, 1n],
    [1_860n, 1_020n, 300_000n, 900_000n],
    [0n, max64, max64, max64],
    [max64, max64, max64, max64],
  ].map(([prompt, output, promptPrice, outputPrice]) => ({
    promptTokens: prompt,
    outputTokens: output,
    promptPricePerMillion: promptPrice,
    outputPricePerMillion: outputPrice,
    cost: ceilDiv(prompt! * promptPrice! + output! * outputPrice!, 1_000_000n),
  })),
  share: [
    [0n, 0n],
    [1n, 1n],
    [1n, 10_000n],
    [9_999n, 1n],
    [10_000n, 1n],
    [10_001n, 1n],
    [2n ** 96n - 1n, 65_535n],
  ].map(([amount, bps]) => ({
    amount,
    bps,
    up: ceilDiv(amount! * bps!, 10_000n),
    down: (amount! * bps!) / 10_000n,
  })),
  ramp: [
    [500_000n, 1_000_000n, 0n, 1_000n],
    [500_000n, 1_000_000n, 1n, 1_000n],
    [500_000n, 1_000_000n, 999n, 1_000n],
    [500_000n, 1_000_000n, 1_000n, 1_000n],
    [500_000n, 1_000_000n, maxUint256, 1_000n],
    [0n, max64, 1n, 2n ** 32n - 1n],
    [0n, max64, 2n ** 32n - 2n, 2n ** 32n - 1n],
    [7n, 8n, 0n, 0n],
    [9n, 8n, 0n, 10n],
    [8n, 8n, 5n, 10n],
    [0n, 3n, 1n, 2n],
  ].map(([from, to, elapsed, rampSeconds]) => ({
    from,
    to,
    elapsed,
    rampSeconds,
    price: from! >= to! || elapsed! >= rampSeconds! ? to! : from! + ((to! - from!) * elapsed!) / rampSeconds!,
  })),
};

// ------------------------------------------------------------------

/** Integers are decimal strings, as JSON's numbers end at 53 bits. */
function write(name: string, value: unknown): void {
  const json = JSON.stringify(value, (_, field) => (typeof field === "bigint" ? field.toString() : field), 2);
  const file = new URL(`../vectors/${name}.json`, import.meta.url);
  if (!existsSync(file)) writeFileSync(file, `${json}\n`);
  // Never replaced: who means to change the protocol deletes the file first.
  else if (readFileSync(file, "utf8") !== `${json}\n`) throw new Error(`vectors/${name}.json says otherwise`);
}

write("hashes", hashes);
write("tree", tree);
write("chunks", chunks);
write("pricing", pricing);
write("auditSet", auditSet);
write("gumbel", gumbel);
