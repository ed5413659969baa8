/** Ends what one try is waiting for when its time is up. */
export class Deadline {
  readonly #timer: NodeJS.Timeout
  #end: (reason: Error) => void = () => {}
  #reason: Error | undefined

  constructor(timeoutMs: number) {
    this.#timer = setTimeout(() => this.end(outOfTime(timeoutMs)), timeoutMs)
  }

  /** From now on it is this that is waited for. */
  limit(end: (reason: Error) => void): void {
    this.#end = end
    if (this.#reason) end(this.#reason)
  }

  /** The result of `work`, or the error that `late` makes of the reason when time is up before. */
  within<T>(work: Promise<T>, late: (reason: Error) => Error): Promise<T> {
    return new Promise((resolve, reject) => {
      work.then(resolve, reject)
      this.limit((reason) => reject(late(reason)))
    })
  }

  /** Time is up. */
  end(reason: Error): void {
    this.#reason ??= reason
    this.#end(this.#reason)
  }

  /** It is over in time. */
  clear(): void {
    clearTimeout(this.#timer)
  }
}

function outOfTime(timeoutMs: number): Error {
  return Object.assign(new Error(`no complete response within ${timeoutMs} ms`), { code: 'ETIMEDOUT' })
}
