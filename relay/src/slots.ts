import { isIPv6 } from "node:net";
import { RelayError } from "./errors.ts";

/** Bounds how much of something runs at once, in all and for each network address. */
export class Slots {
  readonly #code: "too-many-uploads" | "too-many-waiters";
  readonly #limits: { perAddress: number; total: number };
  readonly #taken = new Map<string, number>();
  #total = 0;

  constructor(code: "too-many-uploads" | "too-many-waiters", limits: { perAddress: number; total: number }) {
    this.#code = code;
    this.#limits = limits;
  }

  get taken(): number {
    return this.#total;
  }

  /**
   * Takes a slot until what it returns is disposed of.
   *
   * @throws RelayError with the code of these slots
   */
  take(address: string | undefined): Disposable {
    const network = networkOf(address);
    const taken = this.#taken.get(network) ?? 0;
    if (taken >= this.#limits.perAddress || this.#total >= this.#limits.total) {
      throw new RelayError("Too many requests of this kind run at once.", { code: this.#code });
    }
    this.#taken.set(network, taken + 1);
    this.#total += 1;
    return {
      [Symbol.dispose]: () => {
        const left = this.#taken.get(network)! - 1;
        if (left === 0) this.#taken.delete(network);
        else this.#taken.set(network, left);
        this.#total -= 1;
      },
    };
  }
}

/** Who an address counts as. An IPv6 user has a whole /64. */
export function networkOf(address = ""): string {
  if (!isIPv6(address) || address.includes(".")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head.split(":");
  if (tail !== undefined) {
    const missing = 8 - groups.length - tail.split(":").length;
    groups.push(...Array<string>(Math.max(missing, 0)).fill("0"), ...tail.split(":"));
  }
  return groups.slice(0, 4).join(":");
}
