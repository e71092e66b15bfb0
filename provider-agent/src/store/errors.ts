import { MillraceError, type MillraceErrorOptions } from "@millrace/protocol";

/**
 * What may go wrong with the store:
 *
 * - `store-in-use`: another live process holds this folder;
 * - `store-folder-not-writable`: the folder cannot be made, or belongs to another user;
 * - `store-unsupported-platform`: no PostgreSQL binaries for this machine are installed;
 * - `store-no-account`: root, and no way here to run the server as somebody else;
 * - `store-start-failed`: initdb or the server gave up (its log is in `details`);
 * - `store-invalid-url`: the database URL cannot be read;
 * - `store-unreachable`: nothing usable answers at the database URL (retryable);
 * - `store-lost`: the server ended while the store was open (retryable).
 */
export type StoreErrorCode =
  | "store-in-use"
  | "store-folder-not-writable"
  | "store-unsupported-platform"
  | "store-no-account"
  | "store-start-failed"
  | "store-invalid-url"
  | "store-unreachable"
  | "store-lost";

export class StoreError extends MillraceError {
  override readonly name = "StoreError";
  declare readonly code: StoreErrorCode;

  constructor(shortMessage: string, options: MillraceErrorOptions & { code: StoreErrorCode }) {
    super(shortMessage, options);
  }
}
