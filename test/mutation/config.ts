import { parseArgs } from "node:util";
import { z } from "zod";
import { targets } from "./targets.ts";

const configSchema = z.object({
  /** Names of targets; all by default. */
  contract: z.array(z.string().refine(isTarget, "no such target")).optional(),
  /** How many mutants of each contract are tried, spread over operators and functions. */
  sample: z.coerce.number().int().positive(),
  seed: z.coerce.number().int(),
  workers: z.coerce.number().int().positive(),
  /** One mutant, of the sample or not. */
  only: z.string().optional(),
  /** Shows the sample and tries nothing. */
  list: z.boolean(),
  /** Ends in one line of JSON. */
  json: z.boolean(),
});

function isTarget(name: string): boolean {
  return targets.some((target) => target.name === name);
}

export type Config = z.output<typeof configSchema>;

export function readConfig(args: readonly string[]): Config {
  const { values } = parseArgs({
    args: [...args],
    options: {
      contract: { type: "string", multiple: true },
      sample: { type: "string", default: "350" },
      seed: { type: "string", default: "1" },
      workers: { type: "string", default: "2" },
      only: { type: "string" },
      list: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  return configSchema.parse(values);
}
