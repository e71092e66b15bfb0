import { useEffect } from "react";
import { useWallet } from "../market/useWallet.ts";
import { useBatchRuns } from "./useBatchRuns.ts";

/** Stops this tab's batches when their account is disconnected or another one is chosen. */
export function useStopRuns(): void {
  const { address } = useWallet();
  const { runs } = useBatchRuns();
  useEffect(() => runs.keepTo(address), [runs, address]);
}
