import {
  type Address,
  type Chain,
  createNonceManager,
  type Hex,
  keccak256,
  type LocalAccount,
  type PublicClient,
  type Transport,
} from "viem";
import { jsonRpc } from "viem/nonce";

/** Hands a priced call to the chain and gives its transaction's hash. */
export type Submit = (call: PricedCall) => Promise<Hex>;

interface PricedCall {
  to: Address;
  data: Hex;
  gas: bigint;
  maxFeePerGas: bigint;
  maxPriorityFeePerGas: bigint;
}

const NONCE_ATTEMPTS = 5;

/** Signs calls with a key at hand. */
export function submitSigned(account: LocalAccount, publicClient: PublicClient<Transport, Chain>): Submit {
  const { address } = account;
  const chainId = publicClient.chain.id;
  const nonces = createNonceManager({ source: jsonRpc() });

  const isKnown = (hash: Hex): Promise<boolean> =>
    publicClient.getTransaction({ hash }).then(
      () => true,
      () => false,
    );

  return async (call) => {
    for (let attempt = 1; ; attempt++) {
      const nonce = await nonces.consume({ address, chainId, client: publicClient });
      const signed = await account.signTransaction({ ...call, nonce, chainId, type: "eip1559" });
      try {
        return await publicClient.sendRawTransaction({ serializedTransaction: signed });
      } catch (error) {
        nonces.reset({ address, chainId });
        // A refused repetition of what the node had already taken, when the first answer was lost on its way.
        const hash = keccak256(signed);
        if (await isKnown(hash)) return hash;
        const used = await publicClient.getTransactionCount({ address, blockTag: "pending" });
        // Only if another process of this account took the nonce can another one help.
        if (attempt === NONCE_ATTEMPTS || used <= nonce) throw error;
      }
    }
  };
}
