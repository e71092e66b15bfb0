import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { z } from "zod";

const count = z.coerce.number().int().min(1);
const configSchema = z.object({
  json: z.boolean(),
  /** With its class beside it. */
  model: z.string(),
  /** Honest items over all settings together, at least. */
  items: count,
  /** Items of each kind of cheat, and some short ones on top; outputs that leave nothing to tamper with do not count. */
  cheatItems: count,
  /** Interleaved rounds of each measurement of time; medians count. */
  rounds: count,
});
export type BenchProofConfig = z.output<typeof configSchema>;

export function readConfig(args: readonly string[]): BenchProofConfig {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      model: {
        type: "string",
        default: fileURLToPath(new URL("../../models/tinystory-chat-2.8m-q8_0.gguf", import.meta.url)),
      },
      items: { type: "string", default: "4000" },
      "cheat-items": { type: "string", default: "240" },
      rounds: { type: "string", default: "3" },
    },
  });
  const { "cheat-items": cheatItems, ...others } = values;
  return configSchema.parse({ ...others, cheatItems });
}
