import { concatHex, type Hex, hexToBytes, keccak256 } from "viem";
import { hashOf } from "./plainHashes.ts";

// gumbel-v1 and fingerprints in the plainest code there is.

const WORD = 1n << 64n;
const word = (value: bigint) => value % WORD;
const turn = (value: bigint, bits: bigint) => word(value << bits) | (value >> (64n - bits));
const wordAt = (bytes: Uint8Array, offset: number) =>
  new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(offset, true);

/** SipHash-2-4 as the paper has it, of whole messages. */
function sipHash(key: Uint8Array, message: Uint8Array): bigint {
  const [k0, k1] = [wordAt(key, 0), wordAt(key, 8)];
  let [a, b, c, d] = [
    k0 ^ 0x736f6d6570736575n,
    k1 ^ 0x646f72616e646f6dn,
    k0 ^ 0x6c7967656e657261n,
    k1 ^ 0x7465646279746573n,
  ];
  const round = () => {
    a = word(a + b);
    b = turn(b, 13n) ^ a;
    a = turn(a, 32n);
    c = word(c + d);
    d = turn(d, 16n) ^ c;
    a = word(a + d);
    d = turn(d, 21n) ^ a;
    c = word(c + b);
    b = turn(b, 17n) ^ c;
    c = turn(c, 32n);
  };
  const padded = new Uint8Array(Math.floor(message.length / 8) * 8 + 8);
  padded.set(message);
  padded[padded.length - 1] = message.length;
  for (let offset = 0; offset < padded.length; offset += 8) {
    const block = wordAt(padded, offset);
    d ^= block;
    round();
    round();
    a ^= block;
  }
  c ^= 0xffn;
  for (let i = 0; i < 4; i++) round();
  return a ^ b ^ c ^ d;
}

/** Key 00 … 0f, message 00 … 07, and its hash: appendix A of the paper tells the rounds, its reference code the value. */
const reference = {
  key: "0x000102030405060708090a0b0c0d0e0f",
  message: "0x0001020304050607",
  hash: 0x93f5f5799a932462n,
};
if (sipHash(hexToBytes(reference.key as Hex), hexToBytes(reference.message as Hex)) !== reference.hash) {
  throw new Error("This is not SipHash-2-4");
}

const uint32 = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
};

function noiseOf(seed: Hex, position: number, tokenId: number) {
  const message = Uint8Array.from([...uint32(position), ...uint32(tokenId)]);
  const hash = sipHash(hexToBytes(seed).slice(0, 16), message);
  const uniform = (Number(hash >> 12n) + 0.5) / 2 ** 52;
  return { hash: `0x${hash.toString(16).padStart(16, "0")}`, noise: -Math.log(-Math.log(uniform)) };
}

const seeds = [0, 1, 2].map((i) => hashOf(`gumbel seed ${i}`));
const noises = seeds.flatMap((seed) =>
  [
    [0, 0],
    [0, 1],
    [1, 0],
    [127, 2_047],
    [131_071, 151_935],
    [2 ** 32 - 1, 2 ** 32 - 1],
  ].map(([position, tokenId]) => ({
    seed,
    position: position!,
    tokenId: tokenId!,
    ...noiseOf(seed, position!, tokenId!),
  })),
);

/** A row in which token i, from the most likely on, has ln p = −i ÷ 7, under ids that are in no order. */
const row = Array.from({ length: 80 }, (_, i) => ({ tokenId: (i * 37 + 11) % 997, logProb: -i / 7 }));
const picks = seeds.flatMap((seed) =>
  [0, 0.2, 0.8, 1.5].flatMap((temperature) =>
    [0, 1, 2, 300].map((position) => {
      const scores = row.slice(0, 64).map(({ tokenId, logProb }) => ({
        tokenId,
        score: logProb + (temperature === 0 ? 0 : temperature * noiseOf(seed, position, tokenId).noise),
      }));
      const most = Math.max(...scores.map(({ score }) => score));
      const best = scores.filter(({ score }) => score === most).map(({ tokenId }) => tokenId);
      return { seed, temperature, position, tokenId: Math.min(...best) };
    }),
  ),
);

/** −ln p over the first 64, of the top 8. */
const mass = row.slice(0, 64).reduce((sum, { logProb }) => sum + Math.exp(logProb), 0);
const fingerprint = concatHex(
  row.slice(0, 8).flatMap(({ tokenId, logProb }) => {
    const value = Math.round((Math.log(mass) - logProb) * 1_024);
    const bytes = [...uint32(tokenId), value & 0xff, value >> 8];
    return `0x${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")}` as Hex;
  }),
);

export const gumbel = {
  noises,
  row,
  picks,
  fingerprint: { bytes: fingerprint, hash: keccak256(fingerprint) },
};
