import { cpus } from "node:os";
import { getLlama, LlamaLogLevel } from "node-llama-cpp";
import { softwareGpu } from "../loadedModel.ts";
import { loadedKernel } from "./kernels.ts";
import type { Setting } from "./settings.ts";

/** What a process computes a setting on: the GPU's name, or the processor's and the kernel that llama.cpp chose for it. */
export async function deviceOf({ gpu }: Pick<Setting, "gpu">): Promise<string> {
  if (gpu) return (await gpuNames()).join(", ");
  const processor = cpus()[0]?.model.trim() ?? process.arch;
  const kernel = await loadedKernel();
  return kernel === undefined ? processor : `${processor} (${kernel})`;
}

/** Names of the GPUs that llama.cpp can use here; drivers that compute on the processor are none. */
export async function gpuNames(): Promise<string[]> {
  const llama = await getLlama({
    gpu: "auto",
    build: "never",
    logLevel: LlamaLogLevel.error,
    progressLogs: false,
  });
  try {
    if (llama.gpu === false) return [];
    const names = await llama.getGpuDeviceNames();
    return names.filter((name) => !softwareGpu.test(name));
  } finally {
    await llama.dispose();
  }
}
