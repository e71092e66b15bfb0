import { compile, type Diagnostic } from "./compile.ts";
import { slice } from "./slice.ts";

/** What the model checker could not prove. */
export interface Finding {
  /** The file that was checked. */
  checked: string;
  finding: string;
  /** The code that it is about. */
  code: string;
}

export interface Verdict {
  proved: number;
  findings: Finding[];
}

const TARGETS = ["assert", "overflow", "underflow", "divByZero", "outOfBounds"];
/** The code of "check is safe". */
const PROVED = "9576";
/** OpenZeppelin's assembly in what we use, which the checker would take for anything, said in Solidity. */
const PLAIN: [assembly: RegExp, solidity: string][] = [
  [/assembly \("memory-safe"\) {\s+u := iszero\(iszero\(b\)\)\s+}/, "u = b ? 1 : 0;"],
  [
    /assembly \("memory-safe"\) {\s+mstore\(0x00, 0x4e487b71\)\s+mstore\(0x20, code\)\s+revert\(0x1c, 0x24\)\s+}/,
    "revert();",
  ],
];

/**
 * Has the compiler's CHC engine prove what the contracts of a source assert, and that nothing they reach overflows,
 * divides by zero or reads out of bounds. The solver inside gives up after a fixed number of steps, not after a time, so
 * the same source has the same verdict on every machine.
 *
 * @param file - The source's path from the root.
 * @throws If it does not compile.
 */
export function prove(file: string, content: string): Verdict {
  const sources = slice(file, content);
  for (const source of Object.values(sources)) {
    for (const [assembly, solidity] of PLAIN) source.content = source.content.replace(assembly, solidity);
  }
  const { errors: diagnostics = [] } = compile(sources, {
    modelChecker: {
      engine: "chc",
      solvers: ["z3"],
      targets: TARGETS,
      showProvedSafe: true,
      showUnproved: true,
      showUnsupported: true,
    },
    outputSelection: { "*": { "*": ["abi"] } },
  });
  const error = diagnostics.find(({ severity }) => severity === "error");
  if (error) throw new Error(error.formattedMessage);
  // What the compiler itself warns of is left to tools/warnings.ts, which sees the sources as they are.
  const verdicts = diagnostics.filter(({ message }) => /\b(CHC|SMTChecker)\b/.test(message));
  return {
    proved: verdicts.filter(({ errorCode }) => errorCode === PROVED).length,
    findings: verdicts.filter(({ errorCode }) => errorCode !== PROVED).map(toFinding),
  };

  function toFinding({ message, sourceLocation }: Diagnostic): Finding {
    const { file: place = file, start = 0, end = 0 } = sourceLocation ?? {};
    const code = Buffer.from(sources[place]?.content ?? "").toString("utf8", start, end);
    // A counterexample, where there is one, follows the first line.
    return { checked: file, finding: message.split("\n")[0]!, code: code.replaceAll(/\s+/g, " ") };
  }
}
