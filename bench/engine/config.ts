import { parseArgs } from "node:util";
import { z } from "zod";

const count = z.coerce.number().int().min(1);
const configSchema = z.object({
  json: z.boolean(),
  /** Interleaved pairs of measurements for each setting of the large model, a third of the small one's; medians count. */
  rounds: count,
  /** Of our engine and of the bare loop alike. */
  threads: count,
  /** A llama.cpp-readable chat model to measure beside the random one. */
  model: z.string(),
});
export type BenchEngineConfig = z.output<typeof configSchema>;

export function readConfig(args: readonly string[]): BenchEngineConfig {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      rounds: { type: "string", default: "7" },
      threads: { type: "string", default: "1" },
      model: {
        type: "string",
        default: new URL("../../models/tinystory-chat-2.8m-q8_0.gguf", import.meta.url).pathname,
      },
    },
  });
  return configSchema.parse(values);
}
