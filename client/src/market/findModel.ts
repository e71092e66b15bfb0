import { MillraceError } from "@millrace/protocol";
import { isHash } from "viem";
import type { Model } from "./listModels.ts";
import type { LiveOffer } from "./liveOffer.ts";

/**
 * Finds the model that a request names, by id or by published name. A name has to be one model's alone, whether or not the
 * others are on sale: anyone may publish another model under it, and offer it for less.
 *
 * @param models all that are published, where it is a name
 * @throws MillraceError `unknown-model`, `ambiguous-model`, `no-offers`
 */
export function findModel(
  name: string,
  { models, offers }: { models: readonly Model[]; offers: readonly LiveOffer[] },
): Model {
  const onSale = new Set(offers.map(({ offer }) => offer.modelId));
  const id = name.toLowerCase();
  // What is named like the id of another is not what is meant.
  const named = models.filter(({ modelId, spec }) => (isHash(id) ? modelId === id : spec.name === name));
  if (named.length > 1) {
    throw new MillraceError(`Several models are named ${JSON.stringify(name)}.`, {
      code: "ambiguous-model",
      details: named
        .map(
          ({ modelId, publisher }) =>
            `${modelId}, published by ${publisher}, ${onSale.has(modelId) ? "on sale" : "not on sale now"}`,
        )
        .join("\n"),
      hints: [
        "Find out which is meant, and choose it by its id, for the whole file or as `model` in the requests.",
      ],
    });
  }
  if (named[0] && onSale.has(named[0].modelId)) return named[0];
  const others = models.filter(({ modelId }) => onSale.has(modelId)).map(({ spec }) => spec.name);
  const hints = [
    others.length > 0 ? `On sale now: ${[...new Set(others)].join(", ")}.` : "No model is on sale now.",
    ...(others.length > 0 ? ["Choose one for the whole file."] : []),
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
