import { hashText, type ModelSpec } from "@millrace/protocol";
import { numberToHex } from "viem";
import { describe, expect, test } from "vitest";
import { findModel } from "../../../../client/src/market/findModel.ts";
import { liveOffer } from "./fixture.ts";

const model = (id: number, name: string) => ({
  modelId: numberToHex(id, { size: 32 }),
  publisher: numberToHex(id, { size: 20 }),
  spec: {
    name,
    weightsHash: hashText(name),
    sizeBytes: 1n,
    quantization: "Q8_0",
    contextTokens: 512,
    chatTemplateHash: hashText(""),
    licence: "MIT",
    classHash: hashText(""),
  } satisfies ModelSpec,
});
const models = [model(1, "one"), model(2, "two"), model(3, "two"), model(4, "unsold")];
const offerOf = (id: number) => liveOffer(id, { offer: { modelId: numberToHex(id, { size: 32 }) } });

describe("findModel", () => {
  test("finds by name and by id, in any case of letters", () => {
    const market = { models, offers: [offerOf(1)] };

    expect(findModel("one", market)).toBe(models[0]);
    expect(findModel(models[0]!.modelId.toUpperCase().replace("0X", "0x"), market)).toBe(models[0]);
  });

  test.for([
    ["both are", [2, 3]],
    ["only one is", [3]],
    ["none is", []],
  ] as const)("of several with a name asks for an id, where %s on sale", ([, onSale]) => {
    const market = { models, offers: onSale.map(offerOf) };
    const ids = new RegExp(`${models[1]!.modelId}[^]*${models[2]!.modelId}`);

    expect(() => findModel("two", market)).toThrow(
      expect.objectContaining({ code: "ambiguous-model", details: expect.stringMatching(ids) }),
    );
  });

  test("of several with a name finds each by its id", () => {
    expect(findModel(models[2]!.modelId, { models, offers: [offerOf(3)] })).toBe(models[2]);
  });

  test("takes an id for nothing but an id", () => {
    const [real] = models;
    const impostor = model(5, real!.modelId);
    const offers = [offerOf(1), offerOf(5)];

    expect(findModel(real!.modelId, { models: [...models, impostor], offers })).toBe(real);
    expect(() => findModel(real!.modelId, { models: [impostor], offers })).toThrow(
      expect.objectContaining({ code: "unknown-model" }),
    );
  });

  test("lists what is on sale where it finds nothing", () => {
    const offers = [offerOf(1)];

    expect(() => findModel("gpt", { models, offers })).toThrow(
      expect.objectContaining({
        code: "unknown-model",
        hints: expect.arrayContaining(["On sale now: one."]),
      }),
    );
    expect(() => findModel("unsold", { models, offers })).toThrow(
      expect.objectContaining({ code: "no-offers" }),
    );
    expect(() => findModel("gpt", { models, offers: [] })).toThrow(/No model is on sale/);
  });
});
