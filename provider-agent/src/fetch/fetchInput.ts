import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { decodeInput, getBlob, type InputBundle, type ItemInput, marketAbi, open } from "@millrace/protocol";
import { encodeFunctionData } from "viem";
import { AgentError } from "../errors.ts";
import type { StageContext } from "../lots/context.ts";
import { readBytesIfAny, writeFileAtomically } from "../lots/files.ts";
import { lotFiles, type OwnLot } from "../lots/lotBook.ts";

/** The lot is given back this long before its grace ends, or after two thirds of it where it is short. */
const RELEASE_MARGIN_SECONDS = 10;
/** How long one request to a relay may wait for the blob. */
const RELAY_WAIT_SECONDS = 20;
const RETRY_MS = 500;

/**
 * Waits for a lot's input and keeps it. Input that does not open, is incomplete or is not what the buyer committed to
 * counts as none. If none has come when the grace is nearly over the lot is given back; if it is too late for that,
 * waiting goes on until the deadline.
 *
 * @returns false if the lot was given back
 * @throws AgentError `lot-gone` once the deadline has passed
 */
export async function fetchInput(context: StageContext, own: OwnLot): Promise<boolean> {
  if (await readInput(context, own)) return true;
  const { chain, logger } = context;
  const { lot } = own;
  const { graceSeconds } = await chain.parameters(own.job.parametersVersion);
  const margin = Math.min(RELEASE_MARGIN_SECONDS, Math.floor(graceSeconds / 3));
  const releaseAt = lot.graceEndsAt - margin;
  for (;;) {
    const now = chain.now();
    if (now > lot.deadline) throw new AgentError("The input never came.", { code: "lot-gone" });
    const canWaitSeconds = now > lot.graceEndsAt ? lot.deadline - now : Math.max(0, releaseAt - now);
    const sealed = await askRelays(context, own, Math.min(RELAY_WAIT_SECONDS, canWaitSeconds));
    if (sealed) {
      await writeFileAtomically(join(own.folder, lotFiles.input), sealed);
      return true;
    }
    const later = chain.now();
    if (later >= releaseAt && later <= lot.graceEndsAt) {
      if (await release(context, own)) return false;
      logger.warn({ lotId: own.lotId }, "no input, and the lot could not be given back");
    }
  }
}

/** The input kept for a lot, opened and checked; undefined if there is none, or none that is right. */
export async function readInput(context: StageContext, own: OwnLot): Promise<InputBundle | undefined> {
  const sealed = await readBytesIfAny(join(own.folder, lotFiles.input));
  return sealed && (await openInput(context, own, sealed));
}

async function openInput(
  { secrets, logger }: StageContext,
  { lot, job, lotId }: OwnLot,
  sealed: Uint8Array,
): Promise<InputBundle | undefined> {
  const { inputRoot, itemCount, promptTokensCap, outputTokensCap } = job.request;
  try {
    const input = decodeInput(await open(secrets.keys.identity, sealed), { lot, inputRoot, itemCount });
    const isAbove = (item: ItemInput) =>
      item.promptTokensCap > promptTokensCap || item.outputTokensCap > outputTokensCap;
    // The lot's escrow pays for no more than the job's caps, and a receipt cannot say that it kept to fewer than its item's.
    if (input.items.some(isAbove)) throw inputAboveCaps();
    return input;
  } catch (error) {
    logger.warn({ lotId, error: String(error) }, "the input is not usable");
    return undefined;
  }
}

function inputAboveCaps(): AgentError {
  return new AgentError("An item allows more tokens than its job.", {
    code: "input-missing",
    retryable: true,
  });
}

/** Asks every relay at once and takes the first usable answer. */
async function askRelays(
  context: StageContext,
  own: OwnLot,
  waitSeconds: number,
): Promise<Uint8Array | undefined> {
  const { chain, logger } = context;
  const { lot, lotId } = own;
  const found = new AbortController();
  const giveUp = AbortSignal.timeout(waitSeconds * 1_000 + RETRY_MS);
  const signal = AbortSignal.any([context.signal, found.signal, giveUp]);
  const key = { ...chain.ref, jobId: lot.jobId, lotId, kind: "input", author: lot.buyer } as const;
  const ask = async (relay: string): Promise<Uint8Array> => {
    let refused: Uint8Array | undefined;
    for (;;) {
      const sealed = await getBlob(relay, { key, waitSeconds, signal }).catch((error: unknown) => {
        signal.throwIfAborted();
        logger.debug({ relay, error: String(error) }, "a relay failed");
        return undefined;
      });
      // Opened once: it does not get better by being sent again.
      const isNew = sealed && !(refused && Buffer.from(refused).equals(sealed));
      if (isNew && (await openInput(context, own, sealed))) return sealed;
      refused = sealed;
      // It has none, or a wrong one that may yet be replaced.
      await sleep(RETRY_MS, undefined, { signal });
    }
  };
  try {
    return await Promise.any(chain.network.relays.map(ask));
  } catch {
    context.signal.throwIfAborted();
    return undefined;
  } finally {
    found.abort();
  }
}

async function release({ transactions, chain, logger }: StageContext, own: OwnLot): Promise<boolean> {
  try {
    await transactions.send(() => ({
      to: chain.ref.market,
      data: encodeFunctionData({ abi: marketAbi, functionName: "release", args: [own.lot] }),
      purpose: "release",
    }));
    logger.info({ lotId: own.lotId }, "gave back a lot without input");
    return true;
  } catch (error) {
    logger.warn({ lotId: own.lotId, error: String(error) }, "cannot give back the lot");
    const { status } = await chain.lotState(own.lotId);
    return status !== "assigned";
  }
}
