import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Artifact } from "@nomicfoundation/edr";
import solc from "solc";
import { compiler, settings } from "../../hardhat.config.ts";
import type { SyntaxNode } from "./syntax.ts";

export const root = join(import.meta.dirname, "../..");

/** A file whose content differs from what is on disk. */
export interface Override {
  readonly file: string;
  readonly content: string;
}

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly sources?: Readonly<Record<string, { readonly ast: SyntaxNode }>>;
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, ContractOutput>>>>;
}

interface ContractOutput {
  readonly abi: unknown;
  readonly evm: { readonly bytecode: Bytecode; readonly deployedBytecode: Bytecode };
}

interface Bytecode {
  readonly object: string;
  readonly linkReferences: NonNullable<Artifact["contract"]["linkReferences"]>;
}

/** Thrown for what the compiler refuses: a stillborn mutant. */
export class CompileError extends Error {
  override readonly name = "CompileError";
}

/** Reads a source by the name that solc knows it by: relative to the root, or to node_modules. */
export function readSource(file: string): string {
  const path = join(root, file);
  return readFileSync(existsSync(path) ? path : join(root, "node_modules", file), "utf8");
}

/** The syntax trees of the files and of all they import, by file. */
export function parse(files: readonly string[]): Map<string, SyntaxNode> {
  const { sources = {} } = run(files, undefined, { outputSelection: { "*": { "": ["ast"] } } });
  return new Map(Object.entries(sources).map(([file, { ast }]) => [file, ast]));
}

/** Compiles for a test run: what is deployed is none of its business, so without the optimizer, at a fifth of the time. */
export function compileForTests(files: readonly string[], override?: Override): Artifact[] {
  const wanted = [
    "abi",
    ...["bytecode", "deployedBytecode"].flatMap((code) => [
      `evm.${code}.object`,
      `evm.${code}.linkReferences`,
    ]),
  ];
  const { contracts = {} } = run(files, override, {
    optimizer: { enabled: false },
    outputSelection: { "*": { "*": wanted } },
  });
  return Object.entries(contracts).flatMap(([source, named]) =>
    Object.entries(named).map(([name, { abi, evm }]) => ({
      id: { source, name, solcVersion: compiler.version },
      contract: {
        abi: JSON.stringify(abi),
        bytecode: `0x${evm.bytecode.object}`,
        linkReferences: evm.bytecode.linkReferences,
        deployedBytecode: `0x${evm.deployedBytecode.object}`,
        deployedLinkReferences: evm.deployedBytecode.linkReferences,
      },
    })),
  );
}

/** The creation code of every contract in the files, by `file:Name`. Mutants of equal optimized code are equal. */
export function creationCodeOf(
  files: readonly string[],
  { optimized, override }: { readonly optimized: boolean; readonly override?: Override | undefined },
): Map<string, string> {
  const { contracts = {} } = run(files, override, {
    ...(optimized ? {} : { optimizer: { enabled: false } }),
    outputSelection: Object.fromEntries(files.map((file) => [file, { "*": ["evm.bytecode.object"] }])),
  });
  return new Map(
    Object.entries(contracts).flatMap(([file, named]) =>
      Object.entries(named).map(([name, { evm }]) => [`${file}:${name}`, `0x${evm.bytecode.object}`]),
    ),
  );
}

function run(files: readonly string[], override: Override | undefined, extra: object): Output {
  const read = (file: string) => (file === override?.file ? override.content : readSource(file));
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(files.map((file) => [file, { content: read(file) }])),
    // Without metadata, whose hash differs with every white space.
    settings: { ...settings, metadata: { appendCBOR: false }, ...extra },
  };
  const output = JSON.parse(
    solc.compile(JSON.stringify(input), { import: (file: string) => ({ contents: read(file) }) }),
  ) as Output;
  const refused = output.errors?.filter(({ severity }) => severity === "error") ?? [];
  if (refused.length > 0) throw new CompileError(refused.map((error) => error.formattedMessage).join("\n"));
  return output;
}
