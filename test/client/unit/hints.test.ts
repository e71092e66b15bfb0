import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

// Pages show the library's errors, too: what only the command line has is said by client/src/cli/hintFor.ts.

const sources = new URL("../../../client/src/", import.meta.url);
/** The command line's own. */
const COMMANDS = /^(cli\/|cli\.ts$|config\.ts$)/;
const COMMENT = /^\s*(\/\/|\/?\*)/;
const COMMAND_LINE_WORDS = /["'`\s]--[a-z]|\bmillrace(-provider)? [a-z]|MILLRACE_[A-Z]/;

const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).filter(
  (file) => file.endsWith(".ts") && !COMMANDS.test(file),
);

test.each(files)("%s names no flags, commands and environment", (file) => {
  const lines = readFileSync(new URL(file, sources), "utf8").split("\n");

  expect(lines.filter((line) => !COMMENT.test(line) && COMMAND_LINE_WORDS.test(line))).toEqual([]);
});
