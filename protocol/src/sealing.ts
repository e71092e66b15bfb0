import { bech32 } from "@scure/base";
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { bytesToHex, type Hex, hexToBytes } from "viem";
import { MillraceError } from "./errors.ts";

// Sealing is `age` with X25519 (https://age-encryption.org/v1). On-chain a public key is its 32 bytes.

/** An X25519 key pair: the age identity (secret, `AGE-SECRET-KEY-1…`) and its public key as 32 bytes. */
export interface EncryptionKeys {
  identity: string;
  publicKey: Hex;
}

/** Makes a new key pair. */
export async function generateEncryptionKeys(): Promise<EncryptionKeys> {
  return encryptionKeysOf(await generateX25519Identity());
}

/** The key pair of an age identity. */
export async function encryptionKeysOf(identity: string): Promise<EncryptionKeys> {
  const recipient = await identityToRecipient(identity);
  return { identity, publicKey: bytesToHex(bech32.decodeToBytes(recipient).bytes) };
}

/** The secret's 32 bytes, of which a commitment holds the keccak256. */
export function identityBytes(identity: string): Uint8Array {
  return bech32.decodeToBytes(identity.toLowerCase()).bytes;
}

/** The age identity with these 32 secret bytes. */
export function identityFromBytes(bytes: Uint8Array): string {
  return bech32.encodeFromBytes("age-secret-key-", bytes).toUpperCase();
}

/** Encrypts to a public key. */
export async function seal(publicKey: Hex, plaintext: Uint8Array): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(bech32.encodeFromBytes("age", hexToBytes(publicKey)));
  return encrypter.encrypt(plaintext);
}

/**
 * Decrypts what was sealed to the identity's public key.
 *
 * @throws MillraceError `cannot-open` if the ciphertext is damaged or was sealed to another key.
 */
export async function open(identity: string, ciphertext: Uint8Array): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  try {
    return await decrypter.decrypt(ciphertext);
  } catch (cause) {
    throw new MillraceError("The sealed data does not open with this key.", { code: "cannot-open", cause });
  }
}
