export { type Agent, type AgentOptions, createAgent } from "./agent.ts";
export { AgentError, type AgentErrorCode } from "./errors.ts";
export { inferItem } from "./infer/inferItem.ts";
export { createJuror, type Juror, type JurorOptions, type JurorStatus } from "./juror/juror.ts";
export { modelSpecOf, readModelClass, uncalibratedClass } from "./modelSpec.ts";
export type { OfferTerms } from "./offers/offers.ts";
export { type AgentStatus, formatStatus } from "./status.ts";
export { StoreError, type StoreErrorCode } from "./store/errors.ts";
export { type OpenStoreParameters, openStore, type Store } from "./store/openStore.ts";
