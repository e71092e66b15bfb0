export { createBrowserState } from "./state/browserState.ts";
