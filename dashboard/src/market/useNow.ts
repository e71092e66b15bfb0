import { useEffect, useState } from "react";
import { useLive } from "./live.ts";

/** Unix seconds, every second: the clock's, or the latest block's where the chain is ahead of it. */
export function useNow(): number {
  const { block } = useLive();
  const [clock, setClock] = useState(() => Math.floor(Date.now() / 1_000));
  useEffect(() => {
    const timer = setInterval(() => setClock(Math.floor(Date.now() / 1_000)), 1_000);
    return () => clearInterval(timer);
  }, []);
  return Math.max(clock, block?.time ?? 0);
}
