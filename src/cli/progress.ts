import { progressText } from '../inspect/progress-text.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { say } from './output.ts'

const TERMINAL_EVERY_MS = 100
const LOG_EVERY_MS = 5000

/** Says on stderr how far a command is, at which rate, and how long it will take. */
export class Progress {
  readonly #done: string
  readonly #total: number
  readonly #startedAtMs = monotonicMs()
  readonly #everyMs = process.stderr.isTTY ? TERMINAL_EVERY_MS : LOG_EVERY_MS
  #saidAtMs = this.#startedAtMs
  #hasLine = false

  /** @param done - what is done to each: `redriven` */
  constructor(done: string, total: number) {
    this.#done = done
    this.#total = total
  }

  report(number: number): void {
    const nowMs = monotonicMs()
    if (nowMs - this.#saidAtMs < this.#everyMs) return
    this.#saidAtMs = nowMs
    const line = progressText(number, this.#total, nowMs - this.#startedAtMs, this.#done)
    this.#hasLine = process.stderr.isTTY
    // What does not fit would go on in another line, and stay there.
    if (this.#hasLine) process.stderr.write(`\r\u{1b}[K${line.slice(0, Math.max(0, process.stderr.columns - 1))}`)
    else say(line)
  }

  /** Makes room for what comes next. */
  end(): void {
    if (this.#hasLine) process.stderr.write('\r\u{1b}[K')
  }
}
