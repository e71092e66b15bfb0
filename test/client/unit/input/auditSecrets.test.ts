import { verifyAuditSecret } from "@millrace/protocol";
import fc from "fast-check";
import { type Hex, keccak256, numberToHex } from "viem";
import { expect, test } from "vitest";
import { auditSecretOf, auditTreeOf } from "../../../../client/src/input/auditSecrets.ts";

const SECRET = keccak256("0x01");

const lots = fc
  .record({ itemCount: fc.integer({ min: 1, max: 40 }), attempt: fc.integer({ min: 0, max: 7 }) })
  .chain(({ itemCount, attempt }) =>
    fc.integer({ min: 0, max: itemCount - 1 }).map((firstItem) => ({ itemCount, attempt, firstItem })),
  );

test("every lot's secret is proven by the root that was committed to", () => {
  fc.assert(
    fc.property(lots, ({ itemCount, ...lot }) => {
      const tree = auditTreeOf(SECRET, itemCount);
      const proof = auditSecretOf(tree, SECRET, lot);
      expect(verifyAuditSecret({ auditRoot: tree.root, itemCount }, lot, proof)).toBe(true);
    }),
  );
});

test("no other assignment's secret passes for a lot's", () => {
  const tree = auditTreeOf(SECRET, 3);
  const job = { auditRoot: tree.root, itemCount: 3 };
  const all = [0, 1, 2].flatMap((firstItem) =>
    Array.from({ length: 8 }, (_, attempt) => ({ firstItem, attempt })),
  );
  for (const lot of all) {
    const passing = all.filter(({ firstItem, attempt }) =>
      verifyAuditSecret(job, lot, auditSecretOf(tree, SECRET, { firstItem, attempt })),
    );
    expect(passing).toEqual([lot]);
  }
});

test("a secret tells those of earlier assignments, which are over, and none of later ones", () => {
  const tree = auditTreeOf(SECRET, 1);
  const secrets = Array.from(
    { length: 8 },
    (_, attempt) => auditSecretOf(tree, SECRET, { firstItem: 0, attempt }).secret,
  );
  expect(new Set(secrets).size).toBe(8);
  for (let attempt = 1; attempt < 8; attempt++) {
    expect(keccak256(secrets[attempt]!)).toBe(secrets[attempt - 1]);
  }
});

test("the same job secret gives the same tree, another one another", () => {
  expect(auditTreeOf(SECRET, 5).root).toBe(auditTreeOf(SECRET, 5).root);
  const roots = Array.from({ length: 4 }, (_, i): Hex => auditTreeOf(numberToHex(i, { size: 32 }), 5).root);
  expect(new Set(roots).size).toBe(4);
});

test("items that were assigned eight times have no audit set", () => {
  const tree = auditTreeOf(SECRET, 1);
  expect(() => auditSecretOf(tree, SECRET, { firstItem: 0, attempt: 8 })).toThrow(
    expect.objectContaining({ code: "no-audit-set" }),
  );
});
