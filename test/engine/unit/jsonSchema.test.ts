import { MillraceError } from "@millrace/protocol";
import { describe, expect, test } from "vitest";
import { toGbnfJsonSchema } from "../../../engine/src/jsonSchema.ts";

describe("translates", () => {
  test.each<[string, unknown, unknown]>([
    [
      "annotations away",
      { type: "boolean", title: "T", description: "d", default: true },
      { type: "boolean" },
    ],
    [
      "anyOf and type lists to oneOf",
      { anyOf: [{ type: "string", maxLength: 2 }, { type: ["null", "number"] }] },
      {
        oneOf: [
          { type: "string", minLength: 0, maxLength: 2 },
          { oneOf: [{ type: "null" }, { type: "number" }] },
        ],
      },
    ],
    ["allOf of one to that one", { allOf: [{ type: "null" }] }, { type: "null" }],
    [
      "an integer range to its values",
      { type: "integer", minimum: 1.5, exclusiveMaximum: 5 },
      { enum: [2, 3, 4] },
    ],
    [
      "definitions to $defs",
      { $ref: "#/definitions/a", definitions: { a: { type: "null" } } },
      { $ref: "#/$defs/a", $defs: { a: { type: "null" } } },
    ],
    [
      "an object to one with exactly its properties",
      { properties: { a: { const: 1 } } },
      { type: "object", properties: { a: { const: 1 } } },
    ],
    [
      "nullable to a choice",
      { type: "boolean", nullable: true },
      { oneOf: [{ type: "boolean" }, { type: "null" }] },
    ],
    [
      "required names without a property to free values",
      { type: "object", required: ["x"], additionalProperties: { type: "null" } },
      { type: "object", properties: { x: { type: "null" } } },
    ],
    [
      "limits beyond what grammars can count to that count",
      { type: "array", maxItems: 5_000, items: { type: "null" } },
      { type: "array", items: { type: "null" }, minItems: 0, maxItems: 1_000 },
    ],
  ])("%s", (_name, schema, expected) => {
    expect(toGbnfJsonSchema(schema)).toEqual(expected);
  });

  test("no constraint to any value", () => {
    expect(toGbnfJsonSchema({})).toEqual(toGbnfJsonSchema({ description: "anything" }));
  });
});

describe("refuses what a grammar cannot enforce, naming it", () => {
  test.each<[string, unknown]>([
    ["pattern", { type: "string", pattern: "a" }],
    ["properties.a.format", { type: "object", properties: { a: { type: "string", format: "email" } } }],
    ["minimum", { type: "number", minimum: 0 }],
    ["minimum", { type: "integer", minimum: 0 }],
    ["multipleOf", { type: "integer", multipleOf: 2 }],
    ["uniqueItems", { type: "array", uniqueItems: true }],
    ["not", { not: { type: "null" } }],
    ["type", { type: "date" }],
    ["$ref", { $ref: "https://example.org/schema" }],
    ["$ref", { $ref: "#/$defs/missing", $defs: {} }],
    ["properties", { $ref: "#/$defs/a", properties: {}, $defs: { a: {} } }],
    ["allOf", { allOf: [{ type: "null" }, {}] }],
    ["enum", { enum: [] }],
    ["enum", { enum: [{}] }],
    ["const", { const: "\u0001" }],
    ["required", { type: "object", properties: {}, required: ["x"], additionalProperties: false }],
    ["minLength", { type: "string", minLength: 100_000 }],
    ["minItems", { type: "array", minItems: -1 }],
    ["maxProperties", { type: "object", properties: { a: {}, b: {} }, maxProperties: 1 }],
    ["items", { type: "array", items: [] }],
  ])("%s in %j", (field, schema) => {
    try {
      toGbnfJsonSchema(schema);
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      expect(error.code).toBe("invalid-input");
      expect(error.shortMessage.split(":")[0]).toBe(`response_format.json_schema.schema.${field}`);
      return;
    }
    throw new Error("was accepted");
  });

  test("nesting without end", () => {
    let schema: unknown = { type: "null" };
    for (let depth = 0; depth < 100; depth++) schema = { type: "array", items: schema };
    expect(() => toGbnfJsonSchema(schema)).toThrow(MillraceError);
  });
});
