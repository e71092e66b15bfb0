import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { MillraceError } from "@millrace/protocol";
import { z } from "zod";
import { cheatKinds } from "./cheats/kinds.ts";

const inProject = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const port = z.coerce.number().int().min(0).max(65_535).default(0);

const networkOptions = z.object({
  model: z.string().default(inProject("models/tinystory-chat-2.8m-q8_0.gguf")),
  providers: z.coerce.number().int().min(1).max(2).default(2),
  chainPort: port,
  relayPort: port,
  indexerPort: port,
  dashboardPort: port,
});

const devOptions = networkOptions;

const demoOptions = networkOptions.extend({
  requests: z
    .string()
    .default(inProject("devnet/requests.jsonl"))
    .transform((path) => resolve(path)),
  out: z
    .string()
    .optional()
    .transform((path) => path && resolve(path)),
  keep: z.boolean().default(false),
  json: z.boolean().default(false),
});

const cheatDemoOptions = z.object({
  cheat: z.enum([...cheatKinds, "list"]),
  model: networkOptions.shape.model,
  json: z.boolean().default(false),
});

export type DevOptions = z.infer<typeof devOptions>;
export type DemoOptions = z.infer<typeof demoOptions>;

export type CheatDemoOptions = z.infer<typeof cheatDemoOptions>;

/** The options of `millrace dev`, from its flags. */
export const readDevOptions = (flags: unknown): DevOptions => read(devOptions, flags);

/** The options of `millrace demo`, from its flags. */
export const readDemoOptions = (flags: unknown): DemoOptions => read(demoOptions, flags);

/** The options of `millrace demo --cheat`, from its flags. */
export const readCheatDemoOptions = (flags: unknown): CheatDemoOptions => read(cheatDemoOptions, flags);

function read<T>(schema: z.ZodType<T>, flags: unknown): T {
  const parsed = schema.safeParse(flags);
  if (parsed.success) return parsed.data;
  throw new MillraceError("An option is not usable.", {
    code: "invalid-option",
    hints: parsed.error.issues.map(({ path, message }) => `--${kebab(path.join("."))}: ${message}`),
  });
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
