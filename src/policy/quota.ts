/** What a worker may do in all. One that was started may do anything; one that drains comes to an end. */
export interface Quota {
  /** When every attempt has to be over, by the monotonic clock. */
  readonly endsByMs: number
  /**
   * How many more requests may be claimed.
   *
   * @param lacking - how many there is room for
   * @param held - says how many are claimed and not recorded yet
   */
  mayClaim(lacking: number, held: () => number): number
  /**
   * Nothing is held, and nothing is due that may be claimed.
   *
   * @param sinceMs - when that was asked
   */
  onIdle(sinceMs: number): void
  /** A request was given back unsent. */
  onGivenBack(): void
  /** Claiming failed, so many times in a row. */
  onFailure(error: unknown, failures: number): void
}

export const UNLIMITED: Quota = {
  endsByMs: Number.POSITIVE_INFINITY,
  mayClaim: (lacking) => lacking,
  onIdle() {},
  onGivenBack() {},
  onFailure() {},
}
