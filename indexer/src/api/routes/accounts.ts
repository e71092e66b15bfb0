import { db } from "ponder:api";
import { account, backing, backingExit, operator, pool, provider, seat } from "ponder:schema";
import { createRoute, z } from "@hono/zod-openapi";
import type { AccountDetail } from "@millrace/protocol";
import { asc, eq } from "ponder";
import { type Address, getAddress, zeroAddress } from "viem";
import { newApp, replies } from "../lib/app.ts";
import { shared } from "../lib/shared.ts";
import { readSnapshot } from "../lib/status.ts";
import { accountDetail } from "../schemas/accounts.ts";
import { addressParam, noQuery } from "../schemas/fields.ts";

export const accounts = newApp();

accounts.openapi(
  createRoute({
    method: "get",
    path: "/v1/accounts/{address}",
    summary: "What one address did; one that did nothing has zeros.",
    responses: replies(accountDetail),
    request: { params: z.object({ address: addressParam }), query: noQuery },
  }),
  async (c) => {
    const { address } = c.req.valid("param");
    const state = await readSnapshot();
    return c.json(await shared(state, `account ${address}`, () => readAccount(address)), 200);
  },
);

async function readAccount(address: Address): Promise<AccountDetail> {
  const [[row], [record], backings, exits, seats, operators] = await Promise.all([
    db.select().from(account).where(eq(account.address, address)),
    db.select({ earned: provider.earned }).from(provider).where(eq(provider.provider, address)),
    db
      .select({ backing, epoch: pool.epoch })
      .from(backing)
      .innerJoin(pool, eq(pool.provider, backing.provider))
      .where(eq(backing.backer, address))
      .orderBy(asc(backing.sequence)),
    db.select().from(backingExit).where(eq(backingExit.backer, address)).orderBy(asc(backingExit.cohort)),
    db.select().from(seat).where(eq(seat.owner, address)).orderBy(asc(seat.seatId)),
    db
      .select()
      .from(operator)
      .where(eq(operator.owner, address))
      .orderBy(asc(operator.role), asc(operator.operator)),
  ]);
  return {
    address,
    deposited: String(row?.deposited ?? 0n),
    withdrawn: String(row?.withdrawn ?? 0n),
    spent: String(row?.spent ?? 0n),
    earned: String(record?.earned ?? 0n),
    jobs: row?.jobs ?? 0,
    lots: row?.lots ?? 0,
    backings: backings.map(({ backing: its, epoch }) => ({
      provider: getAddress(its.provider),
      putIn: String(its.putIn),
      // Of an earlier epoch they are void.
      shares: String(its.epoch === epoch ? its.shares : 0n),
      exits: exits
        .filter((exit) => exit.provider === its.provider)
        .map(({ cohort, assets, withdrawn }) => {
          return { cohort, assets: String(assets), withdrawn: String(withdrawn) };
        }),
    })),
    seats: seats.map(({ seatId, modelId, stake, isTaken, penalties, pay }) => ({
      seatId,
      modelId,
      stake: String(stake),
      isTaken,
      penalties: String(penalties),
      pay: String(pay),
    })),
    staked: String(row?.staked ?? 0n),
    cooling: String(row?.cooling ?? 0n),
    votes: String(row?.votes ?? 0n),
    ...(row?.delegate && row.delegate !== zeroAddress && { delegate: getAddress(row.delegate) }),
    feesClaimed: String(row?.feesClaimed ?? 0n),
    operators: operators.map(({ operator: key, role, amount, periodSeconds }) => ({
      operator: getAddress(key),
      // As the handlers write it.
      role: role as "provider" | "buyer",
      amount: String(amount),
      ...(periodSeconds !== null && { periodSeconds }),
    })),
  };
}
