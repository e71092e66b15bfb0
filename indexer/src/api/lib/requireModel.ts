import { db } from "ponder:api";
import { model } from "ponder:schema";
import { eq } from "ponder";
import type { Hex } from "viem";
import { unknown } from "./errors.ts";

/** @throws ApiError `unknown-model` unless it is published */
export async function requireModel(modelId: Hex): Promise<void> {
  const [row] = await db.select({ modelId: model.modelId }).from(model).where(eq(model.modelId, modelId));
  if (!row) throw unknown("model", modelId);
}
