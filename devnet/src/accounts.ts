import { developmentAccount } from "@millrace/protocol";

/** Who uses which of the development accounts on local networks. */
export const localAccounts = {
  buyer: developmentAccount(0),
  /** The account of the provider with this number, from 0. */
  provider: (number: number) => developmentAccount(1 + number),
  /** The account of the juror with this number, 0 to 4. */
  juror: (number: number) => developmentAccount(13 + number),
  /** May pause openings. */
  guardian: developmentAccount(18),
  /** Has all MILL at first. */
  millHolder: developmentAccount(19),
} as const;
