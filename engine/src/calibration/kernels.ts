import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire, registerHooks } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

// llama.cpp's CPU code comes built for each generation of processors, one library each; it loads the newest that the
// machine can run. A calibration wants all of them that it can.

const kernelFile = /(?:lib)?ggml-cpu-(?<name>[^/\\]+)\.(?:so|dll|dylib)$/;

/** The binaries that a process without GPU loads. */
const binaryPackage = `@node-llama-cpp/${platformName()}`;

function platformName(): string {
  const { platform, arch } = process;
  if (platform === "darwin") return arch === "arm64" ? "mac-arm64-metal" : "mac-x64";
  if (platform === "win32") return `win-${arch}`;
  return `linux-${arch === "arm" ? "armv7l" : arch}`;
}

/** Names of the installed CPU kernels, whether or not this machine can run them; none if llama.cpp was built here. */
export async function installedKernels(): Promise<string[]> {
  const folder = binaryFolder();
  if (folder === undefined) return [];
  const files = await readdir(join(folder, "bins"), { recursive: true });
  return files.flatMap((file) => kernelNameOf(file) ?? []).sort();
}

/** The kernel that this process has loaded, where the system tells (Linux). */
export async function loadedKernel(): Promise<string | undefined> {
  const maps = await readFile("/proc/self/maps", "utf8").catch(() => "");
  for (const line of maps.split("\n")) {
    const name = kernelNameOf(line);
    if (name !== undefined) return name;
  }
  return undefined;
}

/** A copy of the binaries that holds one CPU kernel, so that llama.cpp has no choice. */
export interface IsolatedKernel extends AsyncDisposable {
  readonly folder: string;
}

/** @param name one of {@link installedKernels} */
export async function isolateKernel(name: string): Promise<IsolatedKernel> {
  const source = binaryFolder();
  if (source === undefined) throw new RangeError("llama.cpp was built here; there is nothing to choose from");
  const folder = await mkdtemp(join(tmpdir(), "millrace-kernel-"));
  await cp(source, folder, {
    recursive: true,
    filter: (path) => [name, undefined].includes(kernelNameOf(path)),
  });
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** Makes this process load the binaries of an {@link IsolatedKernel}; call before llama.cpp is loaded. */
export function redirectBinaries(folder: string): void {
  const url = pathToFileURL(join(folder, "dist", "index.js")).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === binaryPackage ? { url, shortCircuit: true } : next(specifier, context),
  });
}

function binaryFolder(): string | undefined {
  try {
    const fromBinding = createRequire(import.meta.resolve("node-llama-cpp"));
    return dirname(dirname(fromBinding.resolve(binaryPackage)));
  } catch {
    return undefined;
  }
}

function kernelNameOf(path: string): string | undefined {
  return kernelFile.exec(path)?.groups?.name;
}
