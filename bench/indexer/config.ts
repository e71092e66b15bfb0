import { parseArgs } from "node:util";
import { z } from "zod";

const count = z.coerce.number().int().min(1);
const configSchema = z.object({
  json: z.boolean(),
  /** Of the market, at least. */
  events: count,
  /** That can be taken, all of one model. */
  offers: count,
  /** Who ask for the order book at the same time. */
  readers: count,
  /** How long they do. */
  seconds: z.coerce.number().positive(),
  /** Blocks whose way to the API is timed. */
  blocks: count,
});
export type BenchIndexerConfig = z.output<typeof configSchema>;

export function readConfig(args: readonly string[]): BenchIndexerConfig {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      events: { type: "string", default: "100000" },
      offers: { type: "string", default: "10000" },
      readers: { type: "string", default: "32" },
      seconds: { type: "string", default: "5" },
      blocks: { type: "string", default: "51" },
    },
  });
  return configSchema.parse(values);
}
