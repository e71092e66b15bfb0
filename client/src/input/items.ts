import {
  deriveSecret,
  hashText,
  type ItemInput,
  itemLeaf,
  PositionalTree,
  requesterSeedOf,
  samplerHashOf,
} from "@millrace/protocol";
import type { Hex } from "viem";
import type { ChatBody } from "./requestLine.ts";

const SALT_PURPOSE = hashText("millrace.client.salt.v1");
const IDENTITY_PURPOSE = hashText("millrace.client.identity.v1");

/** One item of a job as the client keeps it: what its leaf needs, but for what the job's secret gives. */
export interface JobItem {
  customId: string;
  /** The exact JSON text of the request's body. */
  request: string;
  promptTokensCap: number;
  outputTokensCap: number;
}

/** A job's items as they are sent, with the tree over their leaves. */
export interface JobInput {
  items: ItemInput[];
  leaves: Hex[];
  tree: PositionalTree;
}

/** Builds a job's input. Everything random in it comes from `secret`, so that the same can be built again. */
export function buildInput(items: readonly JobItem[], secret: Hex): JobInput {
  const inputs = items.map(({ request, promptTokensCap, outputTokensCap }, index): ItemInput => {
    const body = JSON.parse(request) as ChatBody;
    return {
      request,
      promptTokensCap,
      outputTokensCap,
      samplerHash: samplerHashOf(body),
      requesterSeed: requesterSeedOf(body),
      salt: deriveSecret(secret, SALT_PURPOSE, index),
    };
  });
  const leaves = inputs.map((item, index) => itemLeaf(index, item));
  return { items: inputs, leaves, tree: new PositionalTree(leaves) };
}

/** The 32 secret bytes of a job's encryption identity. */
export function identitySecretOf(secret: Hex): Hex {
  return deriveSecret(secret, IDENTITY_PURPOSE, 0);
}
