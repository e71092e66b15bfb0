import type { Address } from "viem";
import { type HDAccount, mnemonicToAccount } from "viem/accounts";
import { MillraceError } from "./errors.ts";

/** The mnemonic that every development chain funds, and that everyone knows. */
export const DEVELOPMENT_MNEMONIC = "test test test test test test test test test test test junk";

/** Chains on which the development keys are allowed. */
export const localChainIds: readonly number[] = [31337, 1337];

/** How many accounts of the mnemonic development chains fund. */
const DEVELOPMENT_ACCOUNTS = 20;

const accounts: HDAccount[] = [];

/** The development account with this index, 0 to 19. */
export function developmentAccount(index: number): HDAccount {
  accounts[index] ??= mnemonicToAccount(DEVELOPMENT_MNEMONIC, { addressIndex: index });
  return accounts[index];
}

/**
 * Refuses a well-known development key where real money could be.
 *
 * @throws MillraceError `development-key` if `address` is one of the development accounts and the chain is not local.
 */
export function refuseDevelopmentKey(chainId: number, address: Address): void {
  if (localChainIds.includes(chainId)) return;
  for (let index = 0; index < DEVELOPMENT_ACCOUNTS; index++) {
    if (developmentAccount(index).address.toLowerCase() !== address.toLowerCase()) continue;
    throw new MillraceError(`${address} is a well-known development account, refused on chain ${chainId}.`, {
      code: "development-key",
      hints: ["Everyone has its key. Use one of your own."],
    });
  }
}
