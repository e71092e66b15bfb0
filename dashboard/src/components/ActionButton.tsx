import { Button, type ButtonProps } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { Address } from "viem";
import type { Action } from "../market/useAction.tsx";
import { useMarket } from "../market/useMarket.ts";
import { useWallet } from "../market/useWallet.ts";
import { Confirm } from "./Confirm.tsx";
import { ConnectWallet } from "./ConnectWallet.tsx";

/** What is asked before something is sent. */
interface Question<Options> {
  signer: Address;
  action: Action<Options>;
  options: Options;
  words: ReactNode;
}

/**
 * A button that has the wallet do something: connects one first where there is none, says what will be sent, then runs
 * the action. What it says and does is fixed when it is pressed: pages change with each block, and what was read is what
 * is signed. Another account ends the question.
 *
 * @param label what is done: "Deposit"
 * @param options for the action; undefined while something is missing, and the button is disabled
 * @param children what will be sent, in words
 * @param onDone after it succeeded
 */
export function ActionButton<Options>({
  label,
  action,
  options,
  isDangerous = false,
  onDone,
  children,
  ...button
}: {
  label: string;
  action: Action<Options>;
  options: Options | undefined;
  isDangerous?: boolean;
  onDone?: () => void;
  children: ReactNode;
} & Pick<ButtonProps, "size" | "variant" | "fullWidth">) {
  const { address } = useWallet();
  const { signer } = useMarket();
  // Kept while the dialog fades out.
  const [question, setQuestion] = useState<Question<Options>>();
  const [isAsking, setIsAsking] = useState(false);
  if (isAsking && question?.signer !== signer) setIsAsking(false);
  if (address === undefined) return <ConnectWallet {...button} />;
  const isReady = options !== undefined && signer !== undefined;
  const ask = () => {
    if (!isReady) return;
    setQuestion({ signer, action, options, words: children });
    setIsAsking(true);
  };
  const confirm = async () => {
    const isDone = await question?.action.run(question.options);
    setIsAsking(false);
    if (isDone) onDone?.();
  };
  return (
    <>
      <Button
        {...button}
        {...(isDangerous && { color: "red", variant: "light" })}
        disabled={!isReady}
        loading={action.isPending}
        onClick={ask}
      >
        {label}
      </Button>
      <Confirm
        opened={isAsking}
        title={label}
        confirmLabel={label}
        isPending={action.isPending}
        isDangerous={isDangerous}
        onConfirm={() => void confirm()}
        onClose={() => setIsAsking(false)}
      >
        {question?.words}
      </Confirm>
    </>
  );
}
