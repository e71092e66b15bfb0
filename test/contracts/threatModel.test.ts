import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

// docs/threat-model.md names the test that shows each rule; a name that is none would be an empty promise.

const folder = new URL("./", import.meta.url);
const page = readFileSync(new URL("../../docs/threat-model.md", folder), "utf8");
const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".sol"),
);
const tests = new Set(
  files
    .flatMap((file) => [
      ...readFileSync(new URL(file, folder), "utf8").matchAll(/function ((?:test|invariant)\w+)\(/g),
    ])
    .map(([, name]) => name!),
);
const named = new Set([...page.matchAll(/`((?:test|invariant)\w*_\w+)`/g)].map(([, name]) => name!));

test("names tests that exist", () => {
  expect([...named].filter((name) => !tests.has(name))).toEqual([]);
});

test("names every test of an attack", () => {
  const attacks = [...tests].filter((name) => /^test(Fuzz)?_attack_/.test(name));
  expect(attacks.filter((name) => !named.has(name))).toEqual([]);
});
