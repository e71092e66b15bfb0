import { readFile, writeFile } from "node:fs/promises";
import {
  type BlobKind,
  blobHeaders,
  blobKinds,
  blobPath,
  hashChunks,
  type Lot,
  type Network,
} from "@millrace/protocol";
import fc from "fast-check";
import { type Hex, recoverAddress } from "viem";
import { beforeAll, expect, test } from "vitest";
import { startChain } from "../../devnet/src/chain.ts";
import {
  blobDigest,
  demandDelivery,
  filesIn,
  keyOf,
  makePut,
  noise,
  openLot,
  openMarket,
  sendPut,
  startRaw,
  startRelay,
  stranger,
  submitLot,
} from "./fixture.ts";

let network: Network;
let lots: Lot[];

beforeAll(async () => {
  const chain = await startChain();
  network = chain.network;
  await openMarket(network);
  lots = [await openLot(network), await openLot(network)];
  // Or no evidence is taken.
  for (const lot of lots) {
    await submitLot(network, lot);
    await demandDelivery(network, lot);
  }
  return () => chain.close();
});

const spoilings = [
  "none",
  "flip a byte",
  "other hash",
  "other signature",
  "forged",
  "replayed to another kind",
  "replayed to another lot",
  "cut off",
] as const;

/** One thing that happens to a relay. */
const happening = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant("put" as const),
      lot: fc.nat(1),
      kind: fc.constantFrom(...blobKinds),
      // Around the edges of the chunks that are hashed, and of the buffers that are read.
      sizeBytes: fc.constantFrom(0, 1, 100, 65_536, 262_143, 262_144, 262_145),
      seed: fc.nat(3),
      spoiling: fc.constantFrom(...spoilings),
      position: fc.nat(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant("damage" as const), file: fc.nat(), position: fc.nat() }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("restart" as const) }) },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

test("whatever happens, a relay never serves bytes other than those their author signed", {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 8 }), async (happenings) => {
      let relay = await startRelay({ networks: [network] });
      const { folder } = relay;
      let served = 0;
      try {
        // In threes, at the same time.
        for (let index = 0; index < happenings.length; index += 3) {
          const batch = happenings.slice(index, index + 3);
          const puts = batch.filter((one) => one.what === "put").map((one) => put(relay.url, one));
          const reads = lots.flatMap((lot) => blobKinds.map((kind) => check(relay.url, lot, kind)));
          await Promise.all([...puts, ...reads]);
          for (const one of batch) if (one.what === "damage") await damage(folder, one);
          if (batch.some(({ what }) => what === "restart")) {
            await relay.close();
            relay = await startRelay({ networks: [network], folder });
          }
        }
        for (const lot of lots) for (const kind of blobKinds) served += await check(relay.url, lot, kind);
      } finally {
        await relay.close();
      }
      // What came whole, and was not damaged, is there: a relay that serves nothing would hold the property too.
      const good = happenings.filter((one) => one.what === "put" && one.spoiling === "none");
      const damaged = happenings.some(({ what }) => what === "damage");
      const keys = new Set(good.map((one) => one.what === "put" && `${one.lot}/${one.kind}`));
      if (!damaged) expect(served).toBe(keys.size);
    }),
    { numRuns: 40 },
  );
});

async function put(url: string, one: Happening): Promise<void> {
  if (one.what !== "put") return;
  const { kind, sizeBytes, seed, spoiling, position } = one;
  const lot = lots[one.lot]!;
  const request = await makePut(network, { lot, kind, body: noise(sizeBytes, seed) });
  const { headers, body } = request;
  switch (spoiling) {
    case "none":
      break;
    case "flip a byte":
      if (sizeBytes === 0) return;
      body[position % sizeBytes]! ^= 1 + (position % 255);
      break;
    case "other hash":
      headers[blobHeaders.contentHash] = hashChunks(noise(sizeBytes + 1, seed));
      break;
    case "other signature": {
      const other = await makePut(network, { lot, kind, body: noise(sizeBytes, seed + 10) });
      headers[blobHeaders.signature] = other.headers[blobHeaders.signature]!;
      if (sizeBytes === 0) return;
      break;
    }
    case "forged":
      Object.assign(request, await makePut(network, { lot, kind, body, signer: stranger }));
      break;
    case "replayed to another kind":
      if (kind === "input") request.path = request.path.replace("/input/", "/results/");
      else
        request.path = request.path.replace(`/${kind}/`, kind === "results" ? "/results-key/" : "/results/");
      break;
    case "replayed to another lot":
      request.path = blobPath(keyOf(network, lots[1 - one.lot]!, kind));
      break;
    case "cut off": {
      const length = { "content-length": String(sizeBytes + 1) };
      const raw = startRaw(url, { path: request.path, headers: { ...headers, ...length } });
      raw.request.on("error", () => {});
      raw.request.write(body.length > 0 ? body : "x", () => raw.request.destroy());
      await raw.response.catch(() => undefined);
      return;
    }
    default:
      spoiling satisfies never;
  }
  const response = await sendPut(url, request);
  await response.arrayBuffer();
  expect(response.ok).toBe(spoiling === "none");
}

async function damage(folder: string, { file, position }: { file: number; position: number }): Promise<void> {
  const files = (await filesIn(folder)).sort();
  if (files.length === 0) return;
  const path = files[file % files.length]!;
  // The relay may just be removing it, for an earlier damage.
  const bytes = await readFile(path).catch(() => undefined);
  if (!bytes) return;
  bytes[position % bytes.length]! ^= 1;
  await writeFile(path, bytes);
}

/** Reads a blob as a stranger would; 1 if the relay had it. Bytes that break off are as good as none. */
async function check(url: string, lot: Lot, kind: BlobKind): Promise<number> {
  const key = keyOf(network, lot, kind);
  const response = await fetch(new URL(blobPath(key), url)).catch(() => undefined);
  const bytes = await response?.arrayBuffer().catch(() => undefined);
  if (!response?.ok || !bytes) return 0;
  const body = new Uint8Array(bytes);
  expect(response.headers.get(blobHeaders.contentHash)).toBe(hashChunks(body));
  const signature = response.headers.get(blobHeaders.signature) as Hex;
  const signer = await recoverAddress({ hash: blobDigest(network, key, body), signature });
  expect(signer).toBe(key.author);
  return 1;
}
