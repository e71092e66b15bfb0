import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useRef } from "react";
import { describeError } from "./describeError.ts";
import { Failure } from "./Failure.tsx";
import { Loading } from "./Loading.tsx";
import { Page } from "./Page.tsx";

/**
 * What a query answered; until then its place, and its failure where it has one.
 *
 * @param rows how high the place is. Default: 3.
 * @param what the thing that a whole page is about, "job": its failure is a page too
 */
export function Loaded<T>({
  query,
  rows = 3,
  what,
  children,
}: {
  query: UseQueryResult<T>;
  rows?: number;
  what?: string;
  children: (data: T) => ReactNode;
}) {
  // With each block it is asked again, and has no error while it is: the last one stays until there is an answer.
  const failure = useRef<Error>(undefined);
  if (query.error) failure.current = query.error;
  if (query.data !== undefined) {
    failure.current = undefined;
    return children(query.data);
  }
  if (failure.current) {
    const words = <Failure error={failure.current} onRetry={query.refetch} />;
    if (what === undefined) return words;
    const isUnknown = describeError(failure.current).code?.startsWith("unknown-");
    return <Page title={isUnknown ? `There is no such ${what}` : `The ${what} was not read`}>{words}</Page>;
  }
  return <Loading rows={rows} />;
}
