/**
 * How many requests may be under way to a receiver that has just recovered: one, and one more with each response, which
 * doubles it from round to round. So what has waited for the recovery does not arrive all at once.
 *
 * @see RFC 5681, section 3.1
 */
export class SlowStart {
  #room = 1

  get room(): number {
    return this.#room
  }

  answered(): void {
    this.#room++
  }

  failed(): void {
    this.#room = 1
  }
}
