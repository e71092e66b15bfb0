import { createContext } from "react";

/** Whether amounts and addresses are written out, as where somebody is about to sign for them. */
export const ExactContext = createContext(false);
