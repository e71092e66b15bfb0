import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import solc from "solc";
import { settings as buildSettings } from "../../hardhat.config.ts";

export type Sources = Record<string, { content: string }>;

/** What solc says of a place in the sources. */
export interface Diagnostic {
  errorCode?: string;
  severity: "error" | "warning" | "info";
  message: string;
  formattedMessage: string;
  /** Offsets in bytes of the UTF-8 source. */
  sourceLocation?: { file: string; start: number; end: number };
}

/** A node of solc's syntax tree; the fields beyond these depend on its type. */
export interface AstNode {
  nodeType: string;
  /** `offset:length:file`, in bytes. */
  src: string;
  [field: string]: unknown;
}

export interface CompilerOutput {
  errors?: Diagnostic[];
  sources: Record<string, { ast: AstNode }>;
}

const root = join(import.meta.dirname, "../..");
const require = createRequire(import.meta.url);

/** The Solidity files of `folder`, however deep, by their path from `base`. */
export async function readSources(folder: string, base: string = root): Promise<Sources> {
  const files = (await readdir(join(base, folder), { recursive: true }))
    .filter((file) => file.endsWith(".sol"))
    .map((file) => join(folder, file))
    .sort();
  const read = files.map(
    async (file) => [file, { content: await readFile(join(base, file), "utf8") }] as const,
  );
  return Object.fromEntries(await Promise.all(read));
}

/**
 * Runs the pinned compiler in this process: Hardhat and Foundry hide what our checks need, which is its warnings, its
 * syntax trees and its model checker.
 *
 * @param sources - By their path from the root. What they import is read from disk.
 * @param settings - Those of solc's standard JSON beside the EVM version, which is our build's.
 */
export function compile(sources: Sources, settings: object): CompilerOutput {
  const { evmVersion } = buildSettings;
  const input = { language: "Solidity", sources, settings: { evmVersion, ...settings } };
  return JSON.parse(solc.compile(JSON.stringify(input), { import: answerImport }));
}

/**
 * The syntax trees of `sources` and of all that they import, by path.
 *
 * @throws If they do not compile.
 */
export function parse(sources: Sources): Record<string, AstNode> {
  const { errors = [], sources: units } = compile(sources, { outputSelection: { "*": { "": ["ast"] } } });
  const error = errors.find(({ severity }) => severity === "error");
  if (error) throw new Error(error.formattedMessage);
  return Object.fromEntries(Object.entries(units).map(([file, { ast }]) => [file, ast]));
}

export function childrenOf(node: AstNode): AstNode[] {
  return Object.values(node).flat().filter(isNode);
}

export function isNode(value: unknown): value is AstNode {
  return typeof value === "object" && value !== null && "nodeType" in value;
}

/** Where a node is, in bytes. */
export function rangeOf(node: AstNode): { start: number; end: number } {
  const [start = 0, length = 0] = node.src.split(":").map(Number);
  return { start, end: start + length };
}

/** @param path - From the root, or one of a package. */
export function readImport(path: string): string {
  return readFileSync(path.startsWith("@") ? require.resolve(path) : join(root, path), "utf8");
}

function answerImport(path: string): { contents: string } | { error: string } {
  try {
    return { contents: readImport(path) };
  } catch (error) {
    return { error: String(error) };
  }
}
