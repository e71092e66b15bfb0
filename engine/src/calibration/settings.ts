import { availableParallelism } from "node:os";
import { installedKernels } from "./kernels.ts";

/** A way to run a model that honest providers may choose, and that moves its numbers a little. */
export interface Setting {
  name: string;
  /** One of llama.cpp's CPU kernels. Default: the one that it chooses itself. */
  kernel?: string;
  gpu: boolean;
  threads: number;
  sequences: number;
  /** Tokens of a prompt that are computed at once. */
  batchTokens: number;
  flashAttention: boolean;
}

/** What verifiers are taken to run. */
export const referenceSetting: Setting = {
  name: "reference: 1 thread, 8 sequences",
  gpu: false,
  threads: 1,
  sequences: 8,
  batchTokens: 512,
  flashAttention: false,
};

/**
 * The settings that a calibration compares: the reference with one thing changed at a time, then the other kernels, each
 * with another mix of the rest. Some kernels are not for this machine; opening them fails.
 */
export async function calibrationSettings(): Promise<Setting[]> {
  const kernels = await installedKernels();
  const variants: Setting[] = [
    referenceSetting,
    { ...referenceSetting, name: "flash attention", flashAttention: true },
    { ...referenceSetting, name: "1 sequence", sequences: 1 },
    { ...referenceSetting, name: "16 sequences, batches of 64", sequences: 16, batchTokens: 64 },
    ...(availableParallelism() > 1 ? [{ ...referenceSetting, name: "2 threads", threads: 2 }] : []),
    { ...referenceSetting, name: "GPU", gpu: true },
    { ...referenceSetting, name: "GPU, flash attention", gpu: true, flashAttention: true },
  ];
  return [...variants, ...kernels.map(kernelSetting)];
}

function kernelSetting(kernel: string, index: number): Setting {
  const sequences = [4, 1, 16][index % 3]!;
  const batchTokens = [512, 128][index % 2]!;
  const flashAttention = index % 4 >= 2;
  const rest = `${sequences} sequences, batches of ${batchTokens}${flashAttention ? ", flash attention" : ""}`;
  return {
    name: `kernel ${kernel}, ${rest}`,
    kernel,
    gpu: false,
    threads: 1,
    sequences,
    batchTokens,
    flashAttention,
  };
}
