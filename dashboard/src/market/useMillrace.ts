import type { Millrace } from "@millrace/client";
import { useMarket } from "./useMarket.ts";

/** The market's client, bound to the connected wallet, if that is on the market's chain. Else it only reads. */
export function useMillrace(): Millrace {
  return useMarket().millrace;
}
