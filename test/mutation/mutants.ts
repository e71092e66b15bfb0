import { createHash } from "node:crypto";
import { type Declarations, deletionOf, type Edit, editsOf, type Operator } from "./operators.ts";
import { childrenOf, type SyntaxNode } from "./syntax.ts";

/** What names a mutant, whatever lines are added or removed around it. */
export interface MutantName {
  /** `Contract.function`, or `Contract` for what stands outside of functions. */
  readonly function: string;
  readonly operator: Operator;
  /** What is replaced, white space made even. */
  readonly original: string;
  readonly replacement: string;
  /** Counts the mutants that are otherwise equally named. */
  readonly ordinal: number;
}

export interface Mutant extends MutantName {
  /** The first eight hex digits of the name's hash. */
  readonly id: string;
  readonly file: string;
  readonly line: number;
  /** The file with the replacement made. */
  readonly mutated: string;
}

/** Every mutant of the code of `file`, in the order of the source. */
export function mutantsOf(
  file: string,
  unit: SyntaxNode,
  content: string,
  declarations: Declarations,
): Mutant[] {
  const source = Buffer.from(content);
  const counts = new Map<string, number>();
  const mutants: Mutant[] = [];
  for (const { edit, functionName } of walk(unit, source, declarations)) {
    const { operator, start, end, replacement } = edit;
    const original = even(source.toString("utf8", start, end));
    const key = JSON.stringify([functionName, operator, original, even(replacement)]);
    const ordinal = counts.get(key) ?? 0;
    counts.set(key, ordinal + 1);
    const name = { function: functionName, operator, original, replacement: even(replacement), ordinal };
    mutants.push({
      ...name,
      id: idOf(name),
      file,
      line: source.toString("utf8", 0, start).split("\n").length,
      mutated: source.toString("utf8", 0, start) + replacement + source.toString("utf8", end),
    });
  }
  return mutants;
}

export function idOf(name: MutantName): string {
  const fields = [name.function, name.operator, name.original, name.replacement, name.ordinal];
  return createHash("sha256").update(JSON.stringify(fields)).digest("hex").slice(0, 8);
}

// Declarations hold no code. The length of a type is no expression.
const PASSED_OVER =
  /^(StructDefinition|EventDefinition|ErrorDefinition|EnumDefinition|.*TypeName|OverrideSpecifier)$/;

interface Place {
  readonly functionName: string;
  /** The condition of the `if` whose branch this is. */
  readonly guard?: SyntaxNode | undefined;
}

function* walk(
  node: SyntaxNode,
  source: Buffer,
  declarations: Declarations,
  place: Place = { functionName: "" },
): Generator<{ edit: Edit; functionName: string }> {
  if (PASSED_OVER.test(node.nodeType)) return;
  const { functionName, guard } = enter(node, place);
  for (const edit of [
    ...editsOf(node, source, declarations),
    ...deletionOf(node, guard, source, declarations),
  ]) {
    yield { edit, functionName };
  }
  for (const child of childrenOf(node)) {
    // Without its step a loop ends only by timeout, which says nothing of the tests.
    if (node.nodeType === "ForStatement" && child === node.loopExpression) continue;
    const isBranch = node.nodeType === "IfStatement" && child !== node.condition;
    const isBlock = node.nodeType === "Block";
    const condition = isBranch ? (node.condition as SyntaxNode) : isBlock ? guard : undefined;
    yield* walk(child, source, declarations, { functionName, guard: condition });
  }
}

function enter(node: SyntaxNode, place: Place): Place {
  const name = (node.name as string | undefined) || (node.kind as string | undefined) || "";
  switch (node.nodeType) {
    case "ContractDefinition":
      return { functionName: name };
    case "FunctionDefinition":
    case "ModifierDefinition":
      // A free function stands in no contract.
      return { functionName: place.functionName ? `${place.functionName}.${name}` : name };
    default:
      return place;
  }
}

const even = (text: string) => text.replace(/\s+/g, " ").trim();
