import { Button, type ButtonProps } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import type { Millrace } from "@millrace/client";
import { ErrorWords } from "../../components/ErrorWords.tsx";
import { useMillrace } from "../../market/useMillrace.ts";

/**
 * Saves lines of a batch's output as a file.
 *
 * @param lines without line ends
 */
export function DownloadLines({
  label,
  fileName,
  lines,
  ...button
}: {
  label: string;
  fileName: string;
  lines: (millrace: Millrace) => AsyncIterable<string>;
} & Pick<ButtonProps, "size" | "variant">) {
  const millrace = useMillrace();
  const download = async () => {
    try {
      const parts: string[] = [];
      for await (const line of lines(millrace)) parts.push(`${line}\n`);
      const url = URL.createObjectURL(new Blob(parts, { type: "application/jsonl" }));
      const link = Object.assign(document.createElement("a"), { href: url, download: fileName });
      link.click();
      // The download has begun with the click.
      URL.revokeObjectURL(url);
    } catch (error) {
      notifications.show({ title: "No results", message: <ErrorWords error={error} />, color: "red" });
    }
  };
  return (
    <Button {...button} onClick={() => void download()}>
      {label}
    </Button>
  );
}
