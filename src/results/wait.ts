import { MAX_TIMER_MS } from '../check/bounds.ts'
import { checkKeys, checkObject, checkSignal } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import type { Vault } from '../encryption/vault.ts'
import {
  isRequeuestError,
  RequestCancelledError,
  RequestFailedError,
  RequeuestError,
  twinOf,
  WaitTimeoutError,
} from '../errors.ts'
import { onAbort } from '../runtime/abort.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { Loop } from '../runtime/loop.ts'
import { type PrismaClientLike, withDatabaseErrors } from '../store/db.ts'
import { type FinalRow, findFinal, type MissingRow } from '../store/requests.ts'
import { type AcceptedResponse, toResponse } from './response.ts'

const SHORTEST_MS = 25
const LONGEST_MS = 500
/** How many are asked about at a time. */
const PAGE = 1000
/** Asking about more than a page takes up to this part of the time: the more there are, the longer a round. */
const PART_OF_TIME = 1 / 20

/** Options of {@link Requeuest.waitFor}. */
export interface WaitOptions {
  /** Aborts the wait, but does not cancel the request. The promise rejects with the signal's reason. @default none */
  signal?: AbortSignal
  /** How long to wait, 0 to 24 days. The timeout does not cancel the request. @default no limit */
  timeout?: Duration
}

/** What a wait goes by. */
interface WaitTerms {
  signal: AbortSignal | undefined
  timeoutMs: number | undefined
}

/** Throws {@link InvalidInputError} if an option is invalid. */
export function resolveWaitOptions(options: WaitOptions, timeoutField = 'options.timeout'): WaitTerms {
  checkObject('options', options)
  checkKeys('options', options, ['signal', 'timeout'])
  const { signal, timeout } = options
  const timeoutMs = timeout === undefined ? undefined : checkDuration(timeoutField, timeout, 0, MAX_TIMER_MS)
  return { signal: signal === undefined ? undefined : checkSignal('options.signal', signal), timeoutMs }
}

interface Waiter {
  resolve(response: AcceptedResponse): void
  reject(reason: unknown): void
}

/**
 * Waits for requests to become final by asking the database, one question for all that are waited for. The answer
 * may come from any process; an event of this one only makes the next question come at once.
 */
export class Waiting {
  readonly #db: PrismaClientLike
  readonly #vault: Vault
  readonly #onError: (error: unknown, failures: number) => number
  readonly #waiters = new Map<string, Set<Waiter>>()
  #loop: Loop | undefined
  #waitMs = SHORTEST_MS
  #dueAtMs = 0
  /** What this round has still to ask about. */
  #round: string[] = []
  #roundDueAtMs = 0
  /** Ids to ask about at once. */
  readonly #news = new Set<string>()

  constructor(db: PrismaClientLike, vault: Vault, onError: (error: unknown, failures: number) => number) {
    this.#db = db
    this.#vault = vault
    this.#onError = (error, failures) => {
      // Everything else may pass; without the tables there is nothing to wait for.
      if (isRequeuestError(error) && error.code === 'not_migrated') this.#tellAll(error)
      return onError(error, failures)
    }
  }

  async waitFor(id: string, { signal, timeoutMs }: WaitTerms): Promise<AcceptedResponse> {
    signal?.throwIfAborted()
    let timer: NodeJS.Timeout | undefined
    let takeBack: (() => void) | undefined
    let waiter: Waiter | undefined
    try {
      return await new Promise<AcceptedResponse>((resolve, reject) => {
        if (timeoutMs !== undefined) timer = setTimeout(() => reject(new WaitTimeoutError(id, timeoutMs)), timeoutMs)
        takeBack = signal && onAbort(signal, () => reject(signal.reason))
        waiter = { resolve, reject }
        this.#add(id, waiter)
      })
    } finally {
      clearTimeout(timer)
      takeBack?.()
      if (waiter) this.#remove(id, waiter)
    }
  }

  /** A request became final in this process. */
  settled(id: string): void {
    if (!this.#waiters.has(id)) return
    this.#news.add(id)
    this.#loop?.wake()
  }

  #add(id: string, waiter: Waiter): void {
    const waiters = this.#waiters.get(id)
    if (waiters) waiters.add(waiter)
    else this.#waiters.set(id, new Set([waiter]))
    this.#news.add(id)
    this.#waitMs = SHORTEST_MS
    this.#loop ??= new Loop(() => this.#ask(), this.#onError)
    this.#loop.wake()
  }

  #remove(id: string, waiter: Waiter): void {
    const waiters = this.#waiters.get(id)
    waiters?.delete(waiter)
    if (waiters?.size === 0) this.#waiters.delete(id)
    if (this.#waiters.size > 0) return
    void this.#loop?.stop()
    this.#loop = undefined
  }

  /** Asks about a page: of what is new at once, and of everything when it is time again. */
  async #ask(): Promise<number> {
    if (monotonicMs() >= this.#dueAtMs) await this.#goRound()
    else if (this.#news.size > 0) await this.#askAbout([...this.#news].slice(0, PAGE))
    return this.#news.size > 0 ? 0 : Math.max(1, this.#dueAtMs - monotonicMs())
  }

  async #goRound(): Promise<void> {
    const startedAtMs = monotonicMs()
    if (this.#round.length === 0) {
      this.#round = [...this.#waiters.keys()]
      this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_MS)
      this.#roundDueAtMs = startedAtMs + this.#waitMs
    }
    await this.#askAbout(this.#round.splice(0, PAGE))
    const tookMs = monotonicMs() - startedAtMs
    this.#dueAtMs =
      this.#round.length > 0 ? startedAtMs + Math.min(tookMs / PART_OF_TIME, LONGEST_MS) : this.#roundDueAtMs
  }

  async #askAbout(page: readonly string[]): Promise<void> {
    for (const id of page) this.#news.delete(id)
    const ids = page.filter((id) => this.#waiters.has(id))
    if (ids.length === 0) return
    const found = await withDatabaseErrors(() => findFinal(this.#db, ids))
    for (const row of found) this.#tell(row.id, (waiter) => this.#answer(row, waiter))
  }

  #answer(row: FinalRow | MissingRow, waiter: Waiter): void {
    if (row.state === null) waiter.reject(notFound(row.id))
    else if (row.state === 'cancelled') waiter.reject(new RequestCancelledError(row.id))
    else if (row.state === 'failed') {
      const { id, failureCode, attempts, lastError, lastMessage } = row
      waiter.reject(new RequestFailedError(id, failureCode ?? 'unknown', attempts, lastError, lastMessage))
    } else {
      try {
        waiter.resolve(toResponse(row, this.#vault))
      } catch (error) {
        waiter.reject(error)
      }
    }
  }

  #tellAll(error: RequeuestError): void {
    for (const id of this.#waiters.keys()) this.#tell(id, (waiter) => waiter.reject(twinOf(error)))
  }

  #tell(id: string, tell: (waiter: Waiter) => void): void {
    for (const waiter of this.#waiters.get(id) ?? []) tell(waiter)
  }
}

function notFound(id: string): RequeuestError {
  const hint = 'If it was spawned in a transaction, wait for it after the commit.'
  return new RequeuestError('request_not_found', `There is no request ${id}. ${hint}`)
}
