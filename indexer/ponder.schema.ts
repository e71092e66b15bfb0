export * from "./schema/accounts.ts";
export * from "./schema/court.ts";
export * from "./schema/events.ts";
export * from "./schema/governance.ts";
export * from "./schema/market.ts";
