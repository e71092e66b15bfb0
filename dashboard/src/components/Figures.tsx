import type { ReactNode } from "react";
import classes from "./Figures.module.css";
import { Panel } from "./Panel.tsx";

/** Some `Figure`s side by side, as many in a row as there is room for. */
export function Figures({ children }: { children: ReactNode }) {
  return (
    <Panel>
      <div className={classes.figures}>{children}</div>
    </Panel>
  );
}
