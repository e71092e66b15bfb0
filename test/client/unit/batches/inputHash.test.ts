import { expect, test } from "vitest";
import { hashInput } from "../../../../client/src/batches/inputHash.ts";
import type { BatchRequest } from "../../../../client/src/input/readRequests.ts";

const request = (customId: string, content: string): BatchRequest => ({
  customId,
  line: 1,
  body: { model: "m", messages: [{ role: "user", content }] },
});

test("the same requests have the same hash, wherever they stood in their file", async () => {
  const moved = { ...request("a", "x"), line: 9 };

  expect(await hashInput([request("a", "x")], undefined)).toBe(await hashInput([moved], undefined));
});

test("another id, request, order or model has another hash", async () => {
  const long = "x".repeat(600_000);
  const inputs: [BatchRequest[], string | undefined][] = [
    [[request("a", "x"), request("b", "y")], undefined],
    [[request("b", "y"), request("a", "x")], undefined],
    [[request("a", "x")], undefined],
    [[request("a", "y")], undefined],
    [[request("a", "x")], "m"],
    // Over several parts.
    [[request("a", long), request("b", long), request("c", "x")], undefined],
    [[request("a", long), request("b", long), request("c", "y")], undefined],
  ];

  const hashes = await Promise.all(inputs.map(([requests, model]) => hashInput(requests, model)));

  expect(new Set(hashes).size).toBe(inputs.length);
});
