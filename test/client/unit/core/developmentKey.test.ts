import { createMillrace } from "@millrace/client";
import { developmentAccount } from "@millrace/protocol";
import { createWalletClient, custom } from "viem";
import { expect, test } from "vitest";
import { network } from "../../../dashboard/fixture.ts";

const { address } = developmentAccount(3);
/** As a browser's wallet is, into which somebody has put the development mnemonic. */
const wallet = createWalletClient({
  account: address,
  transport: custom({ request: async ({ method }) => Promise.reject(new Error(`${method} was asked`)) }),
});

test.each([
  ["a key", developmentAccount(3)],
  ["a wallet's account", wallet],
])(
  "%s that everybody has is refused where money could be real, before anything is asked",
  async (_, account) => {
    const millrace = createMillrace({ network: { ...network, chainId: 8_453, indexers: [] }, account });

    const refused = { code: "development-key" };
    await expect(millrace.account.deposit({ amount: 1n })).rejects.toMatchObject(refused);
    await expect(millrace.governance.vote({ proposalId: 1n, support: "for" })).rejects.toMatchObject(refused);
    await expect(millrace.account.balance()).rejects.toMatchObject(refused);
  },
);
