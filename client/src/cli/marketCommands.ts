import type { Command } from "commander";
import type { LiveOffer } from "../market/liveOffer.ts";
import type { JobQuote } from "../quote/quote.ts";
import { type BuyFlags, buyOptionsOf, withBuyOptions } from "./buyOptions.ts";
import { clientOf } from "./client.ts";
import { readInput } from "./files.ts";
import { amount, printJson, printPairs, printTable, short } from "./print.ts";

/** How many of the cheapest offers a quote shows. */
const SHOWN_OFFERS = 10;

export function addMarketCommands(program: Command): void {
  program
    .command("models")
    .description("List published models, and how many offers each has now.")
    .option("--json", "print JSON")
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      const millrace = await clientOf(command);
      const [models, offers] = await Promise.all([millrace.models.list(), millrace.offers.list()]);
      const listed = models.map((model) => ({
        ...model,
        offers: offers.filter(({ offer }) => offer.modelId === model.modelId).length,
      }));
      if (json) return printJson(listed);
      printTable(
        ["model", "context", "quantisation", "licence", "offers", "id"],
        listed.map(({ spec, offers: count, modelId }) => [
          spec.name,
          String(spec.contextTokens),
          spec.quantization,
          spec.licence,
          String(count),
          modelId,
        ]),
      );
    });

  program
    .command("offers")
    .description("List the offers that can be taken now.")
    .option("--model <id>", "of this model only, by name or id")
    .option("--json", "print JSON")
    .action(async ({ json, model }: { json?: boolean; model?: string }, command: Command) => {
      const millrace = await clientOf(command);
      const [models, all] = await Promise.all([millrace.models.list(), millrace.offers.list()]);
      const nameOf = new Map(models.map(({ modelId, spec }) => [modelId, spec.name]));
      const offers = all.filter(
        ({ offer }) => model === undefined || offer.modelId === model || nameOf.get(offer.modelId) === model,
      );
      if (json) return printJson(offers);
      printOffers(offers, (offer) => nameOf.get(offer.offer.modelId) ?? short(offer.offer.modelId));
    });

  withBuyOptions(program.command("quote"))
    .description("Price a batch file at the offers of now. Spends nothing.")
    .argument("<file>", "requests in OpenAI's batch format; - for standard input")
    .option("--json", "print JSON")
    .action(async (file: string, { json, ...flags }: BuyFlags & { json?: boolean }, command: Command) => {
      const millrace = await clientOf(command);
      const quote = await millrace.quote({ input: await readInput(file), ...buyOptionsOf(flags) });
      if (json) {
        // Without the requests themselves.
        const jobs = quote.jobs.map(({ items, positions: _, ...job }) => ({
          ...job,
          itemCount: items.length,
        }));
        return printJson({ ...quote, jobs });
      }
      for (const job of quote.jobs) printJobQuote(job);
      printPairs([
        ["requests", String(quote.itemCount)],
        ["expected cost", amount(quote.expectedCost)],
        ["at most", amount(quote.worstCost)],
        ["reserved while it runs", amount(quote.reserve)],
      ]);
    });
}

function printJobQuote({ model, items, limits, split, offers }: JobQuote): void {
  console.log(
    `${model.spec.name}: ${items.length} requests\nmodel ${model.modelId}, published by ${model.publisher}`,
  );
  printOffers(offers.slice(0, SHOWN_OFFERS), () => model.spec.name);
  if (offers.length > SHOWN_OFFERS) console.log(`and ${offers.length - SHOWN_OFFERS} dearer offers`);
  printPairs([
    [
      "limit per million tokens",
      `${amount(limits.promptPricePerMillion)} prompt, ${amount(limits.outputPricePerMillion)} output`,
    ],
    [
      "split",
      `${split.fills.flatMap(({ lotItems }) => lotItems).length} lots of up to ${split.lotItems} at once, ${split.bidItems} requests to whoever is free`,
    ],
  ]);
}

function printOffers(offers: readonly LiveOffer[], nameOf: (offer: LiveOffer) => string): void {
  printTable(
    ["model", "provider", "prompt / 10⁶", "output / 10⁶", "items left", "lot"],
    offers.map((live) => [
      nameOf(live),
      short(live.offer.provider),
      amount(live.offer.promptPricePerMillion),
      amount(live.offer.outputPricePerMillion),
      String(live.itemsLeft),
      `${live.offer.minLotItems} to ${live.offer.maxLotItems}`,
    ]),
  );
}
