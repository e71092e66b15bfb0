import { MillraceError } from "@millrace/protocol";
import { describe, expect, test } from "vitest";

describe("MillraceError", () => {
  test("default", () => {
    const error = new MillraceError("No offer.", { code: "no-offer" });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: "MillraceError",
      message: "No offer.",
      shortMessage: "No offer.",
      code: "no-offer",
      retryable: false,
      hints: [],
      details: undefined,
    });
    expect("cause" in error).toBe(false);
  });

  test("args: details, hints, retryable, cause", () => {
    const cause = new Error("socket closed");
    const error = new MillraceError("No answer.", {
      code: "unreachable",
      retryable: true,
      details: "http://localhost:1",
      hints: ["Start it.", "Look at its log."],
      cause,
    });
    expect(error.message).toBe("No answer.\nhttp://localhost:1\nStart it.\nLook at its log.");
    expect(error).toMatchObject({ retryable: true, cause });
  });

  test("behavior: walk finds the first match down the causes", () => {
    const root = new TypeError("deep");
    const middle = new MillraceError("Middle.", { code: "middle", cause: root });
    const top = new MillraceError("Top.", { code: "top", cause: middle });
    expect(top.walk((error) => error instanceof MillraceError)).toBe(top);
    expect(top.walk((error) => error instanceof MillraceError && error.code === "middle")).toBe(middle);
    expect(top.walk((error) => error instanceof TypeError)).toBe(root);
    expect(top.walk(() => false)).toBeUndefined();
  });

  test("behavior: walk ends at a cause that is no error", () => {
    const error = new MillraceError("Top.", { code: "top", cause: "a text" });
    expect(error.walk((candidate) => candidate === "a text")).toBe("a text");
    expect(error.walk(() => false)).toBeUndefined();
  });
});
