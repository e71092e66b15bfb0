import { ActionIcon, CopyButton } from "@mantine/core";
import { Icon } from "./Icon.tsx";

/** A button that copies. @param what "address", "id": for those who hear it */
export function CopyIcon({ value, what }: { value: string; what: string }) {
  return (
    <CopyButton value={value} timeout={1_500}>
      {({ copied, copy }) => (
        <ActionIcon
          size="sm"
          variant="subtle"
          color={copied ? "teal" : "gray"}
          onClick={copy}
          aria-label={copied ? "Copied" : `Copy ${what}`}
        >
          <Icon name={copied ? "check" : "copy"} size={14} />
        </ActionIcon>
      )}
    </CopyButton>
  );
}
