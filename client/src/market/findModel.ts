import { MillraceError } from "@millrace/protocol";
import type { Model } from "./listModels.ts";
import type { LiveOffer } from "./liveOffer.ts";

/**
 * Finds the model that a request names, by id or by published name. Of several with the same name, one that is on sale
 * is meant.
 *
 * @throws MillraceError `unknown-model`, `ambiguous-model`, `no-offers`
 */
export function findModel(
  name: string,
  { models, offers }: { models: readonly Model[]; offers: readonly LiveOffer[] },
): Model {
  const onSale = new Set(offers.map(({ offer }) => offer.modelId));
  const named = models.filter(({ modelId, spec }) => modelId === name.toLowerCase() || spec.name === name);
  const sold = named.filter(({ modelId }) => onSale.has(modelId));
  if (sold.length === 1) return sold[0]!;
  if (sold.length > 1) {
    throw new MillraceError(`Several models are named ${JSON.stringify(name)}.`, {
      code: "ambiguous-model",
      details: sold.map(({ modelId, publisher }) => `${modelId}, published by ${publisher}`).join("\n"),
      hints: ["Choose one by its id, with --model ID or as `model` in the requests."],
    });
  }
  const others = models.filter(({ modelId }) => onSale.has(modelId)).map(({ spec }) => spec.name);
  const hints = [
    others.length > 0 ? `On sale now: ${[...new Set(others)].join(", ")}.` : "No model is on sale now.",
    ...(others.length > 0 ? ["Choose one for the whole file with --model NAME."] : []),
  ];
  if (named.length > 0) {
    throw new MillraceError(`Nobody offers ${JSON.stringify(name)} now.`, {
      code: "no-offers",
      retryable: true,
      hints,
    });
  }
  throw new MillraceError(`No model is named ${JSON.stringify(name)}.`, { code: "unknown-model", hints });
}
