import { parseArgs } from "node:util";
import { z } from "zod";

const configSchema = z.object({
  /** Ends in one line of JSON. */
  json: z.boolean(),
  /** Writes the tables and plots of docs/economics.md. */
  update: z.boolean(),
});

export function readConfig(args: readonly string[]): z.output<typeof configSchema> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      update: { type: "boolean", default: false },
    },
  });
  return configSchema.parse(values);
}
