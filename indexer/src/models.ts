import { attestation, model } from "ponder:schema";
import { keccak256, stringToHex } from "viem";
import { addToTotals } from "./lib/counters.ts";
import { on } from "./lib/on.ts";
import { placeOf, sequenceOf } from "./lib/place.ts";
import { plainTexts } from "./lib/plain.ts";

on("ModelRegistry:ModelPublished", async ({ event, context }) => {
  const { modelId, publisher, spec } = event.args;
  // Repeating it changes nothing.
  if (await context.db.find(model, { modelId })) return;
  await context.db.insert(model).values({
    modelId,
    publisher,
    ...plainTexts(spec),
    sequence: sequenceOf(event),
    publishedAt: placeOf(event),
  });
  await addToTotals(context, { models: 1 });
});

on("ModelRegistry:ModelAttested", async ({ event, context }) => {
  const { modelId, attester, attestation: said } = event.args;
  const news = { ...plainTexts(said), sequence: sequenceOf(event), at: placeOf(event) };
  await context.db
    .insert(attestation)
    .values({ modelId, attester, kindHash: kindHashOf(said), ...news })
    .onConflictDoUpdate(news);
});

on("ModelRegistry:AttestationRevoked", async ({ event, context }) => {
  const { modelId, attester } = event.args;
  await context.db.delete(attestation, { modelId, attester, kindHash: kindHashOf(event.args) });
});

const kindHashOf = ({ kind }: { kind: string }) => keccak256(stringToHex(kind));
