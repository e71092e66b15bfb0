import type { Command } from "commander";
import { readConfig } from "../config.ts";
import { createMillrace, type Millrace } from "../createMillrace.ts";
import { createFolderState } from "../state/folderState.ts";

/** A client as the environment and the global flags say. */
export async function clientOf(command: Command): Promise<Millrace> {
  const { network, relay } = command.optsWithGlobals<{ network?: string; relay?: string[] }>();
  const { home, ...config } = await readConfig(network === undefined ? {} : { network });
  return createMillrace({ ...config, state: createFolderState(home), ...(relay && { relays: relay }) });
}
