export { MillraceError, type MillraceErrorOptions } from "./errors.ts";
