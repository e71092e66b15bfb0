import {
  classHashOf,
  decodeModelClass,
  encodeModelClass,
  hashText,
  modelClassOf,
  type Tolerance,
} from "@millrace/protocol";
import { describe, expect, test } from "vitest";

const tolerance: Tolerance = {
  meanGap: 0.01,
  maxGap: { base: 0.5, perDoubling: 0.1 },
  epsilon: 0.2,
  fingerprint: 0.1,
};
const calibrated = modelClassOf("engine 1", tolerance);

describe("a model's class", () => {
  test.each([calibrated, modelClassOf("engine 1")])("comes out as it went in", (modelClass) => {
    const text = encodeModelClass(modelClass);
    expect(decodeModelClass(text)).toEqual(modelClass);
    expect(classHashOf(modelClass)).toBe(hashText(text));
  });

  test("has another hash with any other number", () => {
    const others = [
      modelClassOf("engine 2", tolerance),
      modelClassOf("engine 1"),
      modelClassOf("engine 1", { ...tolerance, meanGap: 0.02 }),
      modelClassOf("engine 1", { ...tolerance, epsilon: 0.3 }),
      modelClassOf("engine 1", { ...tolerance, fingerprint: 0.2 }),
      modelClassOf("engine 1", { ...tolerance, maxGap: { base: 0.6, perDoubling: 0.1 } }),
      modelClassOf("engine 1", { ...tolerance, maxGap: { base: 0.5, perDoubling: 0 } }),
    ];
    expect(new Set([calibrated, ...others].map(classHashOf)).size).toBe(others.length + 1);
  });

  test("is hashed whatever the order in which its fields were given", () => {
    const { engine, ...rest } = calibrated;
    expect(classHashOf({ ...rest, engine })).toBe(classHashOf(calibrated));
  });

  const text = encodeModelClass(calibrated);
  test.each([
    ["no JSON", "{"],
    ["no object", "5"],
    ["null", "null"],
    ["another version", text.replace('"version":1', '"version":2')],
    ["another sampler", text.replace("gumbel-v1", "gumbel-v2")],
    ["context shift", text.replace("forbidden", "allowed")],
    ["a missing field", text.replace(/"renderer":"[^"]*",/, "")],
    ["a number for a text", text.replace('"engine 1"', "1")],
    ["spaces", JSON.stringify(calibrated, null, 1)],
    ["no line end", text.trimEnd()],
    ["another field", text.replace('{"version"', '{"more":1,"version"')],
    ["a tolerance that is null", text.replace(/"tolerance":\{.*\}\}/, '"tolerance":null}')],
    ...["0", "-1", "100", '"0.01"', "null"].map((value) => [
      `a mean gap of ${value}`,
      text.replace('"meanGap":0.01', `"meanGap":${value}`),
    ]),
    ["a largest gap beyond reason", text.replace('"base":0.5', '"base":50')],
    ["a negative slope", text.replace('"perDoubling":0.1', '"perDoubling":-0.1')],
    ["a fingerprint's tolerance beyond reason", text.replace('"fingerprint":0.1', '"fingerprint":4')],
    ["an epsilon beyond reason", text.replace('"epsilon":0.2', '"epsilon":20')],
  ])("with %s is refused", (_, changed) => {
    expect(changed).not.toBe(text);
    expect(() => decodeModelClass(changed)).toThrowError(expect.objectContaining({ code: "invalid-class" }));
  });
});
