import {
  type BlobKey,
  type BlobKind,
  blobTypes,
  type LotStatus,
  type MarketRef,
  marketAbi,
  marketDomain,
  unpackLotState,
} from "@millrace/protocol";
import {
  BaseError,
  ContractFunctionRevertedError,
  ContractFunctionZeroDataError,
  type Hex,
  hashTypedData,
  type PublicClient,
  parseAbi,
  recoverAddress,
} from "viem";
import { RelayError } from "./errors.ts";
import type { Upload } from "./upload.ts";

/** How long a lot's status is believed. A lot that is not there is asked for anew each time. */
const STATUS_LIFE_MS = 10_000;
const MAX_STATUSES = 10_000;

/** https://eips.ethereum.org/EIPS/eip-1271 */
const walletAbi = parseAbi([
  "function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)",
]);
const VALID_SIGNATURE = "0x1626ba7e";

/** One Market that a relay serves, as its node sees it. */
export class ServedMarket {
  readonly ref: MarketRef;
  readonly #client: PublicClient;
  readonly #now: () => number;
  readonly #statuses = new Map<Hex, { status: LotStatus; untilMs: number }>();
  #chainChecked = false;

  constructor(ref: MarketRef, client: PublicClient, now: () => number) {
    this.ref = ref;
    this.#client = client;
    this.#now = now;
  }

  /**
   * Checks that the author, or an operator of theirs, signed the upload and that the lot waits for blobs. Asks the chain
   * as little as it can.
   *
   * @throws RelayError `bad-signature`, `unknown-lot`, `lot-over`, `lot-not-challenged`, `chain-unavailable`
   */
  async check(upload: Upload): Promise<void> {
    const { author, kind } = upload.key;
    const hash = this.#digestOf(upload);
    const signer = await recoverAddress({ hash, signature: upload.signature }).catch(() => undefined);
    const signed =
      signer !== undefined &&
      (signer.toLowerCase() === author || (await this.#isOperator(author, signer, kind)));
    if (!signed && !(await this.#isWallet(author))) throw badSignature();
    await this.#checkLot(upload.key);
    if (!signed && !(await this.#walletAccepts(author, hash, upload.signature))) throw badSignature();
  }

  #digestOf({ key, contentHash, sizeBytes }: Upload): Hex {
    const { jobId, lotId, kind, author } = key;
    return hashTypedData({
      domain: marketDomain(this.ref),
      types: blobTypes,
      primaryType: "Blob",
      message: { jobId, lotId, kind, author, contentHash, sizeBytes: BigInt(sizeBytes) },
    });
  }

  async #checkLot({ lotId, kind }: BlobKey): Promise<void> {
    if (kind === "evidence") {
      if ((await this.#readStatus(lotId)) === "challenged") return;
      throw new RelayError("Nobody challenges the lot, or this relay has not seen that yet.", {
        code: "lot-not-challenged",
      });
    }
    const status = await this.#statusOf(lotId);
    switch (status) {
      case "assigned":
      case "submitted":
      case "demanded":
      case "challenged":
        return;
      case "none":
        throw new RelayError("The chain has no such lot, or this relay has not seen its block yet.", {
          code: "unknown-lot",
        });
      case "open":
        throw new RelayError("The lot was released, expired or slashed.", { code: "lot-over" });
    }
  }

  async #statusOf(lotId: Hex): Promise<LotStatus> {
    const known = this.#statuses.get(lotId);
    if (known && known.untilMs > this.#now()) return known.status;
    let status = await this.#readStatus(lotId);
    this.#statuses.delete(lotId);
    if (status === "none") {
      if (!known) return status;
      // The Market forgets lots that are over. One that was under way here may still bring what its provider owes.
      status = known.status;
    }
    if (this.#statuses.size >= MAX_STATUSES) this.#statuses.delete(this.#statuses.keys().next().value!);
    this.#statuses.set(lotId, { status, untilMs: this.#now() + STATUS_LIFE_MS });
    return status;
  }

  async #readStatus(lotId: Hex): Promise<LotStatus> {
    const state = await this.#ask(() =>
      this.#client.readContract({
        abi: marketAbi,
        address: this.ref.market,
        functionName: "lotState",
        args: [lotId],
      }),
    );
    return unpackLotState(state).status;
  }

  /** Whoever may submit for a provider may write the results; whoever may open jobs for a buyer, input and evidence. */
  async #isOperator(owner: Hex, operator: Hex, kind: BlobKind): Promise<boolean> {
    const common = { abi: marketAbi, address: this.ref.market, args: [owner, operator] } as const;
    return this.#ask(async () => {
      if (kind === "input" || kind === "evidence") {
        const { periodSeconds } = await this.#client.readContract({
          ...common,
          functionName: "buyerOperatorOf",
        });
        return periodSeconds !== 0;
      }
      return (await this.#client.readContract({ ...common, functionName: "collateralCapOf" })) !== 0n;
    });
  }

  async #isWallet(author: Hex): Promise<boolean> {
    return (await this.#ask(() => this.#client.getCode({ address: author }))) !== undefined;
  }

  async #walletAccepts(author: Hex, hash: Hex, signature: Hex): Promise<boolean> {
    return this.#ask(async () => {
      try {
        const answer = await this.#client.readContract({
          abi: walletAbi,
          address: author,
          functionName: "isValidSignature",
          args: [hash, signature],
        });
        return answer === VALID_SIGNATURE;
      } catch (error) {
        if (saysNo(error)) return false;
        throw error;
      }
    });
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      await this.#checkChain();
      return await question();
    } catch (cause) {
      if (cause instanceof RelayError) throw cause;
      throw new RelayError("The relay cannot ask the chain now.", { code: "chain-unavailable", cause });
    }
  }

  /** Once: a node of another chain would know none of our lots. */
  async #checkChain(): Promise<void> {
    if (this.#chainChecked) return;
    const chainId = await this.#client.getChainId();
    if (chainId !== this.ref.chainId) {
      throw new RelayError("The relay's node is on another chain.", {
        code: "chain-unavailable",
        details: `It is on ${chainId}, not on ${this.ref.chainId}.`,
      });
    }
    this.#chainChecked = true;
  }
}

function saysNo(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false;
  const refusal = error.walk(
    (cause) =>
      cause instanceof ContractFunctionRevertedError || cause instanceof ContractFunctionZeroDataError,
  );
  return refusal !== null;
}

function badSignature(): RelayError {
  return new RelayError("The author has not signed this blob.", { code: "bad-signature" });
}
