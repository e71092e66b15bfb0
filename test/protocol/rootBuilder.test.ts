import { hashText, PositionalTree, RootBuilder } from "@millrace/protocol";
import { hexToBytes } from "viem";
import { expect, test } from "vitest";

const leafAt = (index: number) => hexToBytes(hashText(`leaf ${index}`));

test("is the root of the tree over the same leaves, after each of them", () => {
  const builder = new RootBuilder();
  const leaves: Uint8Array[] = [];
  for (let i = 0; i < 70; i++) {
    builder.add(leafAt(i));
    leaves.push(leafAt(i));
    expect(builder.root()).toBe(new PositionalTree(leaves).root);
    expect(builder.count).toBe(leaves.length);
  }
});

test("of no leaves there is no root", () => {
  expect(() => new RootBuilder().root()).toThrow(RangeError);
});
