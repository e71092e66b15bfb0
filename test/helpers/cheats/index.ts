// Every way to cheat that the demo shows, and those who hurt others without any gain of their own.
export { type Arena, type Outcome, startArena } from "../../../devnet/src/cheats/arena.ts";
export type { Slash } from "../../../devnet/src/cheats/caught.ts";
export type { CheatKind } from "../../../devnet/src/cheats/kinds.ts";
export { cheatReportOf } from "../../../devnet/src/cheats/report.ts";
