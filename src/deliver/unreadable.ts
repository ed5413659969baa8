import type { RequeuestError } from '../errors.ts'
import { clamp } from '../runtime/clamp.ts'
import { monotonicMs } from '../runtime/clock.ts'

/** How many keys are distinguished; all others count as one. */
const TOLD_APART = 100
/** It is reported again after this, if there was more of it. */
const SAY_AGAIN_MS = 60_000
/** What cannot be decrypted is looked at again after this, and ever later the longer that goes on. */
const AGAIN_MS = { least: 15_000, most: 600_000 }

interface Trouble {
  sinceMs: number
  saidAtMs: number
  /** How many more there were since it was reported. */
  more: number
}

/** What this process cannot decrypt, by the keys. However many requests there are of it, they hold up no others. */
export class Unreadable {
  readonly #onError: (error: unknown, failures: number) => number
  readonly #troubles = new Map<string, Trouble>()
  readonly #missing = new Set<string>()

  constructor(onError: (error: unknown, failures: number) => number) {
    this.#onError = onError
  }

  /** The keys that this process is known to lack: it claims nothing of theirs any more. */
  get missingKeys(): readonly string[] {
    return [...this.#missing]
  }

  /** Counts one more. Returns for how many milliseconds it is skipped. */
  met(key: string, error: unknown): number {
    const isKnown = this.#troubles.has(key) || this.#troubles.size < TOLD_APART
    if (isKnown && (error as RequeuestError).code === 'encryption_key_missing') this.#missing.add(key)
    const trouble = this.#trouble(isKnown ? key : '')
    const nowMs = monotonicMs()
    trouble.more++
    if (nowMs >= trouble.saidAtMs + SAY_AGAIN_MS) this.#say(trouble, error as Error, nowMs)
    // In whole seconds, so that those that are met together are given back together.
    return clamp(Math.ceil((nowMs - trouble.sinceMs) / 1000) * 1000, AGAIN_MS.least, AGAIN_MS.most)
  }

  #trouble(key: string): Trouble {
    const known = this.#troubles.get(key)
    if (known) return known
    const trouble = { sinceMs: monotonicMs(), saidAtMs: Number.NEGATIVE_INFINITY, more: 0 }
    this.#troubles.set(key, trouble)
    return trouble
  }

  #say(trouble: Trouble, error: Error, nowMs: number): void {
    if (trouble.more > 1)
      error.message += ` (${trouble.more} such requests in the last ${Math.round((nowMs - trouble.saidAtMs) / 1000)} s)`
    trouble.saidAtMs = nowMs
    trouble.more = 0
    this.#onError(error, 1)
  }
}
