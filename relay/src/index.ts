export type { TrustProxy } from "./app.ts";
export { type CreateRelayParameters, createRelay, type Relay, type RelayNetwork } from "./createRelay.ts";
export { type RefusalCode, RelayError, refusals } from "./errors.ts";
export type { RelayStatus } from "./state.ts";
