import type { Context } from "ponder:registry";
import { account, modelUse, provider, totals } from "ponder:schema";
import { placeOf, sequenceOf } from "./place.ts";

/** What to add to numbers of a row, by name. */
type Additions<Row> = {
  [Field in keyof Row as Row[Field] extends number | bigint ? Field : never]?: Row[Field];
};

function added<Row extends object, By extends Additions<Row>>(row: Row, by: By): By {
  const sums = Object.entries(by).map(([field, amount]) => {
    const before = row[field as keyof Row] as number | bigint;
    // Both of one type: the field's.
    return [field, typeof before === "bigint" ? before + (amount as bigint) : before + Number(amount)];
  });
  return Object.fromEntries(sums) as By;
}

type Logged = Parameters<typeof sequenceOf>[0] & Parameters<typeof placeOf>[0];
type Hex = `0x${string}`;

export async function addToTotals({ db }: Context, by: Additions<typeof totals.$inferSelect>): Promise<void> {
  await db
    .insert(totals)
    .values({ id: "market", ...by })
    .onConflictDoUpdate((row) => added(row, by));
}

export async function addToModel(
  { db }: Context,
  modelId: Hex,
  by: Additions<typeof modelUse.$inferSelect>,
): Promise<void> {
  await db
    .insert(modelUse)
    .values({ modelId, ...by })
    .onConflictDoUpdate((row) => added(row, by));
}

export async function addToAccount(
  { db }: Context,
  address: Hex,
  by: Additions<typeof account.$inferSelect>,
): Promise<void> {
  await db
    .insert(account)
    .values({ address, ...by })
    .onConflictDoUpdate((row) => added(row, by));
}

/** @param event Where a provider is first seen, if it is now. */
export async function addToProvider(
  { db }: Context,
  address: Hex,
  event: Logged,
  by: Additions<Omit<typeof provider.$inferSelect, "sequence" | "offerEpoch">> = {},
): Promise<void> {
  const insert = db
    .insert(provider)
    .values({ provider: address, sequence: sequenceOf(event), firstSeen: placeOf(event), ...by });
  await (Object.keys(by).length === 0
    ? insert.onConflictDoNothing()
    : insert.onConflictDoUpdate((row) => added(row, by)));
}
