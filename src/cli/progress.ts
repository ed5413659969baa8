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
    const line = progressLine(number, this.#total, nowMs - this.#startedAtMs, this.#done)
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

/** `5,000 of 10,000 redriven, 2,500/s, 2 s left` */
export function progressLine(number: number, total: number, tookMs: number, done: string): string {
  const perSecond = number / (tookMs / 1000)
  const leftS = perSecond > 0 ? Math.ceil(Math.max(0, total - number) / perSecond) : undefined
  const text = (value: number) => Math.round(value).toLocaleString('en-US')
  const left = leftS === undefined ? '' : `, ${leftS > 120 ? `${text(leftS / 60)} min` : `${text(leftS)} s`} left`
  return `${text(number)} of ${text(total)} ${done}, ${text(perSecond)}/s${left}`
}
