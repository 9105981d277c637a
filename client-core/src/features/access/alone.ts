import { Duration, toMs, type KeyTimes } from "@hearth/protocol";
import type { AccessView } from "../../contract/index.ts";
import type { SignedInSession } from "../../session/api.ts";
import { Refusal } from "../../session/failures.ts";
import type { PolicyNow } from "../../org/policy.ts";

/** `window`: the policy's key window as it was when the admin switched this on, as an ISO 8601 duration. */
type Stored = { readonly v: 1; readonly window: string };
const KEY = "alone";

export type AnswersAloneDeps = {
  readonly session: Pick<SignedInSession, "records">;
  readonly policy: PolicyNow;
  readonly onChange: () => void;
};

/**
 * The switch on an admin's device that lets it answer asks within the key window by itself (SPEC [Q8]). Nobody signs the
 * policy, so a host can make one up: whether this device answers, and how far back at most, its admin says here. [P6]
 */
export class AnswersAlone {
  readonly #deps: AnswersAloneDeps;
  #window: Duration | undefined;

  constructor(deps: AnswersAloneDeps) {
    this.#deps = deps;
  }

  async load(): Promise<void> {
    const stored = await this.#deps.session.records.get<Stored>("access", KEY);
    this.#window = stored?.v === 1 ? Duration.safeParse(stored.window).data : undefined;
  }

  /** Milliseconds of the key window that was seen when it was switched on; undefined while it is off. */
  get window(): number | undefined {
    return this.#window === undefined ? undefined : toMs(this.#window);
  }

  get view(): NonNullable<AccessView["alone"]> {
    const policy = this.#deps.policy();
    return {
      allowed: policy?.automatic_access === true,
      ...(this.#window === undefined ? {} : { window: this.#window }),
      ...(policy === undefined ? {} : { policyWindow: policy.key_window }),
    };
  }

  /**
   * @param seen the policy's key window as the admin saw it; undefined switches it off
   * @throws Refusal when the policy says another by now: nobody has agreed to that
   */
  async switch(seen: string | undefined): Promise<void> {
    const { session, policy, onChange } = this.#deps;
    const window = seen === undefined ? undefined : policy()?.key_window;
    if (seen !== window)
      throw new Refusal(
        "conflict",
        "The organisation’s policy has changed meanwhile. Look at it and try again.",
      );
    await session.records.write([
      window === undefined
        ? { collection: "access", key: KEY, remove: true as const }
        : { collection: "access", key: KEY, value: { v: 1, window } satisfies Stored },
    ]);
    this.#window = window;
    onChange();
  }

  /** The role that it was for is lost, and its record is deleted. [T6] */
  roleLost(): void {
    this.#window = undefined;
  }

  /** By which times this device answers alone: the policy's window, and never a longer one than it was switched on for. */
  narrow(times: KeyTimes): KeyTimes {
    return { ...times, window: Math.min(times.window, this.window ?? 0) };
  }
}
