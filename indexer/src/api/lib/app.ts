import { OpenAPIHono, type z } from "@hono/zod-openapi";
import { indexerError } from "../schemas/market.ts";
import { errorBody } from "./errors.ts";

/** An app whose requests are refused in our words when they do not fit what a route takes. */
export function newApp(): OpenAPIHono {
  return new OpenAPIHono({
    defaultHook: (result, c) => {
      if (result.success) return;
      const hints = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
      return c.json(errorBody("invalid-request", "The request does not fit.", hints), 400);
    },
  });
}

export const failure = (description: string) => ({
  description,
  content: { "application/json": { schema: indexerError } },
});

/** What a route answers with: JSON of this shape, or an error. */
export const replies = <Reply extends z.ZodType>(schema: Reply) => ({
  200: { description: "As asked for.", content: { "application/json": { schema } } },
  400: failure("The request does not fit."),
  404: failure("There is no such thing."),
  500: failure("It failed; its log says why."),
  503: failure("It still reads what happened before it was started."),
});
