import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { AgentStatus } from "../status.ts";

/** Counts what happens; read by Prometheus and by `/status`. */
export interface Metrics {
  readonly registry: Registry;
  readonly totals: {
    itemsDone: number;
    itemsFailed: number;
    promptTokens: number;
    outputTokens: number;
    gasUsed: bigint;
    rpcErrors: number;
    answers: number;
    slashed: number;
  };
  onItem(result: { failed: boolean; promptTokens: number; outputTokens: number }): void;
  onGas(gas: { used: bigint; wei: bigint }): void;
  onRpcError(): void;
  onAnswered(): void;
  onSlashed(): void;
}

/** @param status is read at each scrape, for what is a state and not a count */
export function createMetrics(status: () => AgentStatus): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const items = new Counter({
    name: "millrace_items_total",
    help: "Items computed, by outcome.",
    labelNames: ["outcome"] as const,
    registers,
  });
  const tokens = new Counter({
    name: "millrace_tokens_total",
    help: "Tokens of computed items.",
    labelNames: ["direction"] as const,
    registers,
  });
  const gas = new Counter({ name: "millrace_gas_used_total", help: "Gas used.", registers });
  const gasWei = new Counter({ name: "millrace_gas_wei_total", help: "Wei paid for gas.", registers });
  const rpcErrors = new Counter({
    name: "millrace_rpc_errors_total",
    help: "Failed reads of the chain.",
    registers,
  });
  const answers = new Counter({
    name: "millrace_answers_total",
    help: "Demanded receipts that were shown.",
    registers,
  });
  const slashed = new Counter({
    name: "millrace_slashed_total",
    help: "Lots that lost their collateral.",
    registers,
  });
  new Gauge({
    name: "millrace_lots",
    help: "Lots by stage.",
    labelNames: ["stage"] as const,
    registers,
    collect() {
      this.reset();
      for (const { stage } of status().lots) this.inc({ stage });
    },
  });
  new Gauge({
    name: "millrace_earned",
    help: "Base units of the asset earned.",
    registers,
    collect() {
      this.set(Number(status().earned));
    },
  });
  new Gauge({
    name: "millrace_engine_busy_ms",
    help: "Milliseconds during which the engine computed.",
    registers,
    collect() {
      this.set(status().engine.busyMs);
    },
  });
  new Gauge({
    name: "millrace_engine_tokens_per_second",
    help: "Output tokens per second while busy.",
    registers,
    collect() {
      this.set(status().engine.tokensPerSecond);
    },
  });

  const totals: Metrics["totals"] = {
    itemsDone: 0,
    itemsFailed: 0,
    promptTokens: 0,
    outputTokens: 0,
    gasUsed: 0n,
    rpcErrors: 0,
    answers: 0,
    slashed: 0,
  };
  return {
    registry,
    totals,
    onItem({ failed, promptTokens, outputTokens }) {
      if (failed) totals.itemsFailed++;
      else totals.itemsDone++;
      totals.promptTokens += promptTokens;
      totals.outputTokens += outputTokens;
      items.inc({ outcome: failed ? "failed" : "done" });
      tokens.inc({ direction: "in" }, promptTokens);
      tokens.inc({ direction: "out" }, outputTokens);
    },
    onGas({ used, wei }) {
      totals.gasUsed += used;
      gas.inc(Number(used));
      gasWei.inc(Number(wei));
    },
    onRpcError() {
      totals.rpcErrors++;
      rpcErrors.inc();
    },
    onAnswered() {
      totals.answers++;
      answers.inc();
    },
    onSlashed() {
      totals.slashed++;
      slashed.inc();
    },
  };
}
