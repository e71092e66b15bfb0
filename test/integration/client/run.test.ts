import type { BatchEvent, Settlement } from "@millrace/client";
import { describe, expect, test } from "vitest";
import { batchFile, openMarket, prompts, providerAccounts, readOutput } from "./fixture.ts";

/** Escrow goes somewhere, to the base unit. */
function expectConserved(settlement: Settlement): void {
  const { escrowed, paid, fee, refunded, charges, locked } = settlement;
  expect(paid + fee + refunded + charges + locked).toBe(escrowed);
}

describe("batches.run", () => {
  test("runs a batch over two providers and a bid, pays them and returns the rest", async () => {
    const market = await openMarket();
    await market.provider(0, { claims: true });
    await market.provider(1, { offer: { outputPricePerMillion: 500_000n } });
    const client = market.client();
    const before = await client.account.balance();
    const events: BatchEvent[] = [];

    const { batchId, items, settlement } = await client.batches.run({
      input: batchFile([...prompts(60), "FAIL", "INVALID"]),
      onProgress: (event) => events.push(event),
    });

    expect(items).toEqual({ total: 62, completed: 60, failed: 2 });
    const output = await readOutput(client, batchId);
    expect(output.map(({ custom_id }) => custom_id)).toEqual(
      Array.from({ length: 62 }, (_, i) => `item-${i}`),
    );
    expect(output[7]!.response!.body.choices[0]!.message.content).toBe("PROMPT NUMBER 7");
    expect(output[7]!.response!.body.usage).toEqual({
      prompt_tokens: 15,
      completion_tokens: 8,
      total_tokens: 23,
    });
    expect(output[60]).toMatchObject({ response: null, error: { code: "error" } });
    expect(output[61]).toMatchObject({ response: { status_code: 400 }, error: { code: "invalid-input" } });

    expectConserved(settlement);
    expect(settlement.locked).toBe(0n);
    expect(settlement.lots.settled).toBe(settlement.lots.total);
    expect(settlement.providers.map(({ address }) => address).sort()).toEqual(
      [providerAccounts[0]!.address, providerAccounts[1]!.address].sort(),
    );
    expect(settlement.providers.reduce((sum, provider) => sum + provider.items, 0)).toBe(62);
    const after = await client.account.balance();
    expect(after.locked).toBe(0n);
    expect(after.free).toBe(before.free - settlement.paid - settlement.fee + settlement.compensation);

    const types = events.map(({ type }) => type);
    expect(types[0]).toBe("opened");
    expect(types.at(-1)).toBe("done");
    for (const type of ["lot-assigned", "input-sent", "lot-submitted", "lot-verified", "lot-settled"]) {
      expect(types.filter((t) => t === type)).toHaveLength(settlement.lots.total);
    }
  });
});
