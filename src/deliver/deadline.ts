import { monotonicMs } from '../runtime/clock.ts'

/** Ends what one attempt is waiting for when its time is up. */
export class Deadline {
  readonly timeoutMs: number
  readonly beganAtMs = monotonicMs()
  #end: ((reason: Error) => void) | undefined
  #reason: Error | undefined

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs
  }

  get endsAtMs(): number {
    return this.beganAtMs + this.timeoutMs
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
    this.#end?.(this.#reason)
  }
}

/** The deadlines of all attempts that are under way. They share one timer: one for each costs more than what it guards. */
export class Deadlines {
  readonly #open = new Set<Deadline>()
  #timer: NodeJS.Timeout | undefined
  #timerAtMs = Number.POSITIVE_INFINITY

  begin(timeoutMs: number): Deadline {
    const deadline = new Deadline(timeoutMs)
    this.#open.add(deadline)
    this.#expect(deadline)
    return deadline
  }

  /** It is over. Returns after how many milliseconds. */
  clear(deadline: Deadline): number {
    this.#open.delete(deadline)
    if (this.#open.size === 0) this.#stopTimer()
    return Math.round(monotonicMs() - deadline.beganAtMs)
  }

  /** Time is up for all of them. */
  end(reason: Error): void {
    for (const deadline of this.#open) deadline.end(reason)
  }

  #expect({ endsAtMs }: Deadline): void {
    if (endsAtMs >= this.#timerAtMs) return
    clearTimeout(this.#timer)
    this.#timerAtMs = endsAtMs
    this.#timer = setTimeout(() => this.#check(), endsAtMs - monotonicMs())
  }

  /** Timers may be early by a millisecond. */
  #check(): void {
    this.#stopTimer()
    const nowMs = monotonicMs()
    for (const deadline of this.#open) {
      if (deadline.endsAtMs <= nowMs) deadline.end(outOfTime(deadline.timeoutMs))
      else this.#expect(deadline)
    }
  }

  #stopTimer(): void {
    clearTimeout(this.#timer)
    this.#timerAtMs = Number.POSITIVE_INFINITY
  }
}

export function outOfTime(timeoutMs: number): Error {
  return Object.assign(new Error(`no complete response within ${timeoutMs} ms`), { code: 'ETIMEDOUT' })
}
