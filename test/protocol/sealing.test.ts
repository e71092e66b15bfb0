import {
  encryptionKeysOf,
  generateEncryptionKeys,
  identityBytes,
  identityFromBytes,
  open,
  seal,
} from "@millrace/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const keys = await generateEncryptionKeys();
const otherKeys = await generateEncryptionKeys();
const refusal = expect.objectContaining({ code: "cannot-open", retryable: false });

describe("seal and open", () => {
  test("give back any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (plaintext) => {
        const ciphertext = await seal(keys.publicKey, plaintext);
        expect(await open(keys.identity, ciphertext)).toEqual(plaintext);
      }),
      { numRuns: 25 },
    );
  });

  test("give back more than one of age's 64 KiB chunks", async () => {
    const plaintext = Uint8Array.from({ length: 200_000 }, (_, i) => i);
    expect(await open(keys.identity, await seal(keys.publicKey, plaintext))).toEqual(plaintext);
  });

  test("never seal the same twice alike", async () => {
    const plaintext = new Uint8Array(10);
    expect(await seal(keys.publicKey, plaintext)).not.toEqual(await seal(keys.publicKey, plaintext));
  });

  test("refuse another's key", async () => {
    const ciphertext = await seal(keys.publicKey, new Uint8Array(10));
    await expect(open(otherKeys.identity, ciphertext)).rejects.toEqual(refusal);
  });

  test("refuse every damaged byte", async () => {
    const ciphertext = await seal(keys.publicKey, new TextEncoder().encode("an answer"));
    const damages = fc.record({
      at: fc.integer({ min: 0, max: ciphertext.length - 1 }),
      bit: fc.integer({ min: 0, max: 7 }),
    });
    await fc.assert(
      fc.asyncProperty(damages, async ({ at, bit }) => {
        const damaged = ciphertext.with(at, ciphertext[at]! ^ (1 << bit));
        await expect(open(keys.identity, damaged)).rejects.toEqual(refusal);
      }),
      { numRuns: 40 },
    );
  });

  test("refuse what was cut short", async () => {
    const ciphertext = await seal(keys.publicKey, new Uint8Array(100));
    for (const length of [0, 1, 30, ciphertext.length - 1]) {
      await expect(open(keys.identity, ciphertext.slice(0, length))).rejects.toEqual(refusal);
    }
  });
});

describe("identities", () => {
  test("have the public key that they were made with", async () => {
    expect(await encryptionKeysOf(keys.identity)).toEqual(keys);
    expect(keys.publicKey).toMatch(/^0x[0-9a-f]{64}$/);
    expect(keys.publicKey).not.toBe(otherKeys.publicKey);
  });

  test("go to 32 bytes and back", async () => {
    const bytes = identityBytes(keys.identity);
    expect(bytes.length).toBe(32);
    expect(identityFromBytes(bytes)).toBe(keys.identity);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 32, maxLength: 32 }), async (secret) => {
        const identity = identityFromBytes(secret);
        expect(identity).toMatch(/^AGE-SECRET-KEY-1/);
        expect(identityBytes(identity)).toEqual(secret);
        const { publicKey } = await encryptionKeysOf(identity);
        expect(await open(identity, await seal(publicKey, secret))).toEqual(secret);
      }),
      { numRuns: 10 },
    );
  });
});
