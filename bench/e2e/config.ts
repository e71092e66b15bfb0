import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { z } from "zod";

const count = z.coerce.number().int().min(1);
const configSchema = z.object({
  json: z.boolean(),
  /** Interleaved pairs of measurements; the median counts. */
  rounds: count,
  /** How long the batch shall take the engine alone. */
  seconds: z.coerce.number().positive(),
  /** Parallel sequences of each of the two agents; the engine alone gets twice as many. */
  sequences: count,
  model: z.string(),
});
export type BenchE2eConfig = z.output<typeof configSchema>;

export function readConfig(args: readonly string[]): BenchE2eConfig {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "24" },
      sequences: { type: "string", default: "8" },
      model: {
        type: "string",
        default: fileURLToPath(new URL("../../models/tinystory-chat-2.8m-q8_0.gguf", import.meta.url)),
      },
    },
  });
  return configSchema.parse(values);
}
