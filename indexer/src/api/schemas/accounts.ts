import { z } from "@hono/zod-openapi";
import type { AccountDetail } from "@millrace/protocol";
import { address, amount, describing, hash, whole } from "./fields.ts";

export const accountDetail = describing<AccountDetail>()(
  z
    .object({
      address,
      deposited: amount,
      withdrawn: amount,
      spent: amount,
      earned: amount,
      jobs: whole,
      lots: whole,
      backings: z.array(
        z.object({
          provider: address,
          putIn: amount,
          shares: amount,
          exits: z.array(z.object({ cohort: whole, assets: amount, withdrawn: amount })),
        }),
      ),
      seats: z.array(
        z.object({
          seatId: whole,
          modelId: hash,
          stake: amount,
          isTaken: z.boolean(),
          penalties: amount,
          pay: amount,
        }),
      ),
      staked: amount,
      cooling: amount,
      votes: amount,
      delegate: address.exactOptional(),
      feesClaimed: amount,
      operators: z.array(
        z.object({
          operator: address,
          role: z.enum(["provider", "buyer"]),
          amount,
          periodSeconds: whole.exactOptional(),
        }),
      ),
    })
    .openapi("AccountDetail"),
);
