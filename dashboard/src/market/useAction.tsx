import { notifications } from "@mantine/notifications";
import type { Millrace } from "@millrace/client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { describeError } from "../components/describeError.ts";
import { ErrorWords } from "../components/ErrorWords.tsx";
import { LIVE_KEY } from "./live.ts";
import { useMarket } from "./useMarket.ts";

export interface ActionParameters<Options, Result> {
  /** What is done, as its button says it: "Deposit". */
  title: string;
  run: (millrace: Millrace, options: Options) => Promise<Result>;
  /** What to say afterwards. Default: "Done.". */
  done?: (result: Result, options: Options) => string;
}

export interface Action<Options> {
  /**
   * Runs it and tells of it: as it was when this object was made, and for the account of then.
   *
   * @returns whether it succeeded
   */
  run(options: Options): Promise<boolean>;
  isPending: boolean;
  error: Error | null;
}

/**
 * Something that the wallet signs or sends, told of in notifications from the question to the end.
 *
 * @example
 * const deposit = useAction({
 *   title: "Deposit",
 *   run: (millrace, amount: bigint) => millrace.account.deposit({ amount }),
 * });
 */
export function useAction<Options = void, Result = unknown>({
  title,
  run,
  done = () => "Done.",
}: ActionParameters<Options, Result>): Action<Options> {
  const { millrace } = useMarket();
  const queries = useQueryClient();
  const mutation = useMutation({ mutationFn: (send: () => Promise<Result>) => send() });
  return {
    isPending: mutation.isPending,
    error: mutation.error,
    async run(options) {
      const id = notifications.show({
        title,
        message: "Confirm it in your wallet, and wait until it is mined.",
        loading: true,
        autoClose: false,
        withCloseButton: false,
      });
      try {
        const result = await mutation.mutateAsync(() => run(millrace, options));
        void queries.invalidateQueries({ queryKey: [LIVE_KEY] });
        notifications.update({
          id,
          title,
          message: done(result, options),
          color: "teal",
          loading: false,
          autoClose: 6_000,
          withCloseButton: true,
        });
        return true;
      } catch (error) {
        const { code } = describeError(error);
        const isRejected = code === "wallet-rejected";
        notifications.update({
          id,
          title: isRejected ? `${title}: not sent` : `${title}: failed`,
          message: isRejected ? "You declined it in your wallet." : <ErrorWords error={error} />,
          color: isRejected ? "gray" : "red",
          loading: false,
          autoClose: isRejected ? 6_000 : 20_000,
          withCloseButton: true,
        });
        return false;
      }
    },
  };
}
