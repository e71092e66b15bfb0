import type { GbnfJsonSchema } from "node-llama-cpp";
import { invalidInput } from "./errors.ts";

/** llama.cpp's grammar parser refuses somewhat more than this, and takes much more for "any number". */
const maxRepetitions = 1_000;
const maxDepth = 64;
/** Integer ranges up to this many values become an enumeration; grammars cannot compare numbers. */
const maxEnumeratedIntegers = 1_000;

type Schema = Readonly<Record<string, unknown>>;
/** The library's schema types are exact unions over literals; ours are built key by key. */
type Gbnf = GbnfJsonSchema;

const annotations = new Set([
  ...["$schema", "$id", "$comment", "title", "description", "default", "examples", "deprecated"],
  ...["readOnly", "writeOnly", "$defs", "definitions"],
]);
const keywords = {
  object: [
    "properties",
    "required",
    "additionalProperties",
    "patternProperties",
    "minProperties",
    "maxProperties",
  ],
  array: ["items", "prefixItems", "minItems", "maxItems"],
  string: ["minLength", "maxLength", "format"],
  integer: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
  number: [],
  boolean: [],
  null: [],
} as const satisfies Record<string, readonly string[]>;
type TypeName = keyof typeof keywords;
const typeNames = Object.keys(keywords) as TypeName[];
const supportedFormats = new Set(["date", "time", "date-time"]);

/**
 * Translates a JSON Schema into the subset from which node-llama-cpp makes grammars, such that all it admits is valid
 * under the original. It may admit less: every property of an object is always generated, none that the schema
 * does not name, and strings or lists never exceed {@link maxRepetitions}.
 *
 * @throws MillraceError `invalid-input` naming the keyword that a grammar cannot enforce
 * @see https://json-schema.org/draft/2020-12
 */
export function toGbnfJsonSchema(schema: unknown): GbnfJsonSchema {
  const root = asSchema(schema, []);
  const definitions = { ...optionalSchemas(root, "definitions", []), ...optionalSchemas(root, "$defs", []) };
  const $defs: Record<string, Gbnf> = {};
  for (const [name, definition] of Object.entries(definitions)) {
    $defs[name] = translate(definition, ["$defs", name], definitions);
  }
  const translated = translate(root, [], definitions);
  return Object.keys($defs).length > 0 ? ({ ...translated, $defs } as Gbnf) : translated;
}

function translate(input: unknown, path: readonly string[], definitions: Schema): Gbnf {
  if (path.length > maxDepth) throw unsupported(path, `is nested deeper than ${maxDepth} levels`);
  if (input === true) return anyValue;
  const schema = asSchema(input, path);
  const constraints = Object.keys(schema).filter((key) => !annotations.has(key));
  if (constraints.length === 0) return anyValue;

  const alone = (...allowed: string[]) => {
    const other = constraints.find((key) => !allowed.includes(key));
    if (other) throw unsupported([...path, other], `cannot be combined with ${allowed[0]}`);
  };
  if (schema.$ref !== undefined) {
    alone("$ref");
    return translateRef(schema.$ref, path, definitions);
  }
  if (schema.const !== undefined) {
    alone("const", "type");
    return { const: asLiteral(schema.const, [...path, "const"]) };
  }
  if (schema.enum !== undefined) {
    alone("enum", "type");
    const values = asList(schema.enum, [...path, "enum"]);
    if (values.length === 0) throw unsupported([...path, "enum"], "must not be empty");
    return { enum: values.map((value) => asLiteral(value, [...path, "enum"])) };
  }
  for (const union of ["anyOf", "oneOf", "allOf"] as const) {
    if (schema[union] === undefined) continue;
    alone(union);
    const members = asList(schema[union], [...path, union]);
    if (members.length === 0) throw unsupported([...path, union], "must not be empty");
    if (union === "allOf" && members.length > 1) throw unsupported([...path, union], "of several schemas");
    return oneOf(
      members.map((member, index) => translate(member, [...path, union, String(index)], definitions)),
    );
  }
  const types = typesOf(schema, path);
  const known = new Set<string>(["type", "nullable", ...types.flatMap((type) => keywords[type])]);
  const unknown = constraints.find((key) => !known.has(key));
  if (unknown) throw unsupported([...path, unknown], "cannot be enforced by a grammar");
  return oneOf(types.map((type) => translateType(type, schema, path, definitions)));
}

function translateType(type: TypeName, schema: Schema, path: readonly string[], definitions: Schema): Gbnf {
  switch (type) {
    case "object":
      return translateObject(schema, path, definitions);
    case "array":
      return translateArray(schema, path, definitions);
    case "string":
      return translateString(schema, path);
    case "integer":
      return translateInteger(schema, path);
    case "number":
    case "boolean":
    case "null":
      return { type };
  }
}

function translateObject(schema: Schema, path: readonly string[], definitions: Schema): Gbnf {
  const named = optionalSchemas(schema, "properties", path);
  const required = asList(schema.required ?? [], [...path, "required"]).map(String);
  const others = schema.additionalProperties;
  const minimum = limit(schema, "minProperties", path) ?? 0;
  const maximum = limit(schema, "maxProperties", path);

  const properties: Record<string, Gbnf> = {};
  for (const [name, property] of Object.entries(named)) {
    properties[asWritable(name, [...path, "properties"])] = translate(
      property,
      [...path, "properties", name],
      definitions,
    );
  }
  for (const name of required.filter((name) => !Object.hasOwn(properties, name))) {
    if (others === false)
      throw unsupported([...path, "required"], `names "${name}", which no property allows`);
    properties[name] = translate(others ?? true, [...path, "additionalProperties"], definitions);
  }
  const count = Object.keys(properties).length;
  if (maximum !== undefined && maximum < count) {
    throw unsupported(
      [...path, "maxProperties"],
      `is below the ${count} properties, all of which are generated`,
    );
  }
  if (count > 0 && minimum <= count) return { type: "object", properties };
  if (others === false) {
    if (minimum > count) throw unsupported([...path, "minProperties"], "exceeds the properties there are");
    return { type: "object", properties };
  }
  return {
    type: "object",
    properties,
    // A free value is written as `true`, so that the grammar may recurse.
    additionalProperties:
      others === undefined || others === true
        ? true
        : translate(others, [...path, "additionalProperties"], definitions),
    minProperties: minimum,
    ...(maximum !== undefined && { maxProperties: maximum }),
  };
}

function translateArray(schema: Schema, path: readonly string[], definitions: Schema): Gbnf {
  const { items, prefixItems } = schema;
  const maximum = limit(schema, "maxItems", path);
  return {
    type: "array",
    ...(items !== undefined &&
      items !== true && { items: translate(items, [...path, "items"], definitions) }),
    ...(prefixItems !== undefined && {
      prefixItems: asList(prefixItems, [...path, "prefixItems"]).map((item, index) =>
        translate(item, [...path, "prefixItems", String(index)], definitions),
      ),
    }),
    minItems: atMostRepetitions(limit(schema, "minItems", path) ?? 0, [...path, "minItems"]),
    ...(maximum !== undefined && { maxItems: Math.min(maximum, maxRepetitions) }),
  };
}

function translateString(schema: Schema, path: readonly string[]): Gbnf {
  const { format } = schema;
  const maximum = limit(schema, "maxLength", path);
  if (format !== undefined) {
    if (!supportedFormats.has(String(format)))
      throw unsupported([...path, "format"], `"${format}" is not supported`);
    return { type: "string", format: format as "date" | "time" | "date-time" };
  }
  return {
    type: "string",
    minLength: atMostRepetitions(limit(schema, "minLength", path) ?? 0, [...path, "minLength"]),
    ...(maximum !== undefined && { maxLength: Math.min(maximum, maxRepetitions) }),
  };
}

function translateInteger(schema: Schema, path: readonly string[]): Gbnf {
  const bound = (key: string) => {
    const value = schema[key];
    if (value === undefined) return undefined;
    if (typeof value !== "number") throw unsupported([...path, key], "must be a number");
    return value;
  };
  const above = bound("exclusiveMinimum");
  const below = bound("exclusiveMaximum");
  const lowest = Math.max(
    Math.ceil(bound("minimum") ?? -Infinity),
    above === undefined ? -Infinity : Math.floor(above) + 1,
  );
  const highest = Math.min(
    Math.floor(bound("maximum") ?? Infinity),
    below === undefined ? Infinity : Math.ceil(below) - 1,
  );
  if (lowest === -Infinity && highest === Infinity) return { type: "integer" };
  const count = highest - lowest + 1;
  if (!(count >= 1 && count <= maxEnumeratedIntegers)) {
    throw unsupported(
      [...path, "minimum"],
      `only integer ranges of 1 to ${maxEnumeratedIntegers} values are supported`,
    );
  }
  return { enum: Array.from({ length: count }, (_, index) => lowest + index) };
}

function translateRef(ref: unknown, path: readonly string[], definitions: Schema): Gbnf {
  const name =
    typeof ref === "string"
      ? /^#\/(?:\$defs|definitions)\/(?<name>[^/]+)$/.exec(ref)?.groups?.name
      : undefined;
  if (name === undefined || !Object.hasOwn(definitions, name)) {
    throw unsupported([...path, "$ref"], "must point to a definition under the root's $defs");
  }
  return { $ref: `#/$defs/${name}` } as Gbnf;
}

/** Any JSON value. The library has no schema for it, but composes it from these. */
const anyValue: Gbnf = {
  oneOf: [
    { type: ["string", "number", "boolean", "null"] },
    { type: "object", additionalProperties: true },
    { type: "array" },
  ],
};

function oneOf(members: Gbnf[]): Gbnf {
  return members.length === 1 ? members[0]! : { oneOf: members };
}

/** The types a schema admits: as declared, else those that its keywords speak of, else all. */
function typesOf(schema: Schema, path: readonly string[]): TypeName[] {
  const declared = schema.type;
  const names = declared === undefined ? [] : Array.isArray(declared) ? declared : [declared];
  for (const name of names) {
    if (!typeNames.includes(name))
      throw unsupported([...path, "type"], `"${String(name)}" is not a JSON type`);
  }
  const types = names as TypeName[];
  const spokenOf = typeNames.filter((type) => keywords[type].some((key) => schema[key] !== undefined));
  const admitted = types.length > 0 ? types : spokenOf.length > 0 ? spokenOf : typeNames;
  return schema.nullable === true && !admitted.includes("null") ? [...admitted, "null"] : [...admitted];
}

function limit(schema: Schema, key: string, path: readonly string[]): number | undefined {
  const value = schema[key];
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
    throw unsupported([...path, key], "must be a whole number, at least 0");
  }
  return value;
}

function atMostRepetitions(value: number, path: readonly string[]): number {
  if (value > maxRepetitions) throw unsupported(path, `exceeds ${maxRepetitions}`);
  return value;
}

function optionalSchemas(schema: Schema, key: string, path: readonly string[]): Schema {
  return schema[key] === undefined ? {} : asSchema(schema[key], [...path, key]);
}

function asSchema(value: unknown, path: readonly string[]): Schema {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw unsupported(path, "must be an object");
  return value as Schema;
}

function asList(value: unknown, path: readonly string[]): unknown[] {
  if (!Array.isArray(value)) throw unsupported(path, "must be a list");
  return value;
}

function asLiteral(value: unknown, path: readonly string[]): string | number | boolean | null {
  if (typeof value === "string") return asWritable(value, path);
  if (value === null || typeof value === "number" || typeof value === "boolean") return value;
  throw unsupported(path, "may hold texts, numbers, booleans and null only");
}

/** The library escapes tab, line feed and carriage return only; other control characters would break the JSON. */
function asWritable(text: string, path: readonly string[]): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text))
    throw unsupported(path, "holds control characters");
  return text;
}

function unsupported(path: readonly string[], problem: string) {
  return invalidInput(["response_format.json_schema.schema", ...path].join("."), problem);
}
