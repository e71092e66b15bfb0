import { expect, test } from "vitest";
import { fastest } from "../../../engine/src/probe.ts";

test("takes the fastest setting, in whatever order they were measured", () => {
  expect(
    fastest(
      new Map([
        [16, 300],
        [1, 100],
        [4, 120],
      ]),
    ),
  ).toEqual([16, 300]);
});

test("does not take a larger setting for a difference within noise", () => {
  expect(
    fastest(
      new Map([
        [1, 100],
        [8, 102],
        [16, 101],
      ]),
    ),
  ).toEqual([1, 100]);
});

test("nothing measured is an error of ours", () => {
  expect(() => fastest(new Map())).toThrow(RangeError);
});
