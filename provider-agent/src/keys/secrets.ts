import { join } from "node:path";
import {
  type EncryptionKeys,
  encryptionKeysOf,
  generateEncryptionKeys,
  randomSecret,
} from "@millrace/protocol";
import type { Hex } from "viem";
import { fromJson, readTextIfAny, toJson, writeFileAtomically } from "../lots/files.ts";

/** What only this agent knows: it opens inputs, and salts receipts. */
export interface Secrets {
  keys: EncryptionKeys;
  /** Receipts' salts are derived from it. */
  saltSecret: Hex;
}

/** Reads the agent's secrets from its folder, or makes them. The file is readable by its owner alone. */
export async function loadSecrets(folder: string): Promise<Secrets> {
  const path = join(folder, "secrets.json");
  const json = await readTextIfAny(path);
  if (json !== undefined) {
    const { identity, saltSecret } = fromJson<{ identity: string; saltSecret: Hex }>(json);
    return { keys: await encryptionKeysOf(identity), saltSecret };
  }
  const keys = await generateEncryptionKeys();
  const saltSecret = randomSecret();
  await writeFileAtomically(path, toJson({ identity: keys.identity, saltSecret }));
  return { keys, saltSecret };
}
