import type { AttemptOutcome } from '../../src/policy/attempt.ts'
import type { Decision } from '../../src/policy/outcome.ts'
import type { RequestState } from '../../src/policy/request.ts'
import type { Verdict } from '../../src/store/settlements.ts'

/** What the model knows of a request; the database is read in the same form. */
export interface ModelRow {
  id: string
  channel: string
  priority: number
  key: string | null
  state: RequestState
  attempts: number
  expiries: number
  failureCode: string | null
  waits: boolean
  unblockDue: boolean
  claimedBy: string | null
  lease: 'none' | 'running' | 'over'
  due: boolean
  expired: boolean
  /** Attempt rows in order: `2 rejected by w1`. */
  history: string[]
}

/** What is fixed when a request is spawned. */
export interface Spec {
  id: string
  channel: string
  priority: number
  key: string | null
  hold: boolean
  maxAttempts: number
  due: boolean
}

type Request = Omit<ModelRow, 'history'> & {
  hold: boolean
  maxAttempts: number
  attemptsBefore: number
  seq: number
  history: Map<number, { outcome: AttemptOutcome; worker: string }>
}

const FINAL: readonly RequestState[] = ['delivered', 'failed', 'cancelled']
const POISONOUS_AFTER = 5
/** Of who was final when it was moved: it comes last. */
const NO_PLACE = Number.MAX_SAFE_INTEGER

/** The queue as its documents describe it, in memory. A line is named by its key; each key is used in one channel only. */
export class Model {
  readonly requests = new Map<string, Request>()
  /** The lines that exist, each with who holds it. */
  readonly lines = new Map<string, { tail: number; heldBy: string | null }>()
  /** Ids of requests and keys of lines that an open transaction has locked. */
  readonly locked = new Set<string>()

  get rows(): ModelRow[] {
    return [...this.requests.values()]
      .map(({ hold: _hold, maxAttempts: _max, attemptsBefore: _before, seq: _seq, history, ...row }) => ({
        ...row,
        history: [...history]
          .sort(([a], [b]) => a - b)
          .map(([number, { outcome, worker }]) => `${number} ${outcome} by ${worker}`),
      }))
      .sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  get held(): [key: string, heldBy: string | null][] {
    return [...this.lines].map(([key, { heldBy }]): [string, string | null] => [key, heldBy]).sort()
  }

  spawn({ id, channel, priority, key, hold, maxAttempts, due }: Spec): void {
    const seq = key === null ? 0 : this.#join(key)
    this.requests.set(id, {
      id,
      channel,
      priority,
      key,
      hold,
      maxAttempts,
      attemptsBefore: 0,
      due,
      seq,
      state: 'pending',
      attempts: 0,
      expiries: 0,
      failureCode: null,
      waits: seq > 1,
      unblockDue: false,
      claimedBy: null,
      lease: 'none',
      expired: false,
      history: new Map(),
    })
  }

  #join(key: string): number {
    const tail = (this.lines.get(key)?.tail ?? 0) + 1
    this.lines.set(key, { heldBy: this.lines.get(key)?.heldBy ?? null, tail })
    return tail
  }

  claimable(): Request[] {
    return this.#unlocked((request) => request.state === 'pending' && request.due && !request.waits)
  }

  claim(id: string, worker: string): void {
    const request = this.requests.get(id)!
    Object.assign(request, { state: 'claimed', claimedBy: worker, lease: 'running', attempts: request.attempts + 1 })
  }

  /** Back to waiting, as if it had not been claimed. */
  release(request: Request): void {
    Object.assign(request, { state: 'pending', attempts: request.attempts - 1 }, UNCLAIMED)
  }

  settle(id: string, number: number, worker: string, decision: Decision): Verdict {
    const request = this.requests.get(id)
    if (request === undefined) return 'gone'
    const before = request.history.get(number)
    const repeated = before?.worker === worker && before.outcome === decision.outcome
    if (this.locked.has(id)) return repeated ? 'settled' : 'busy'

    const isCurrent = request.state === 'claimed' && request.attempts === number
    const isNews = !FINAL.includes(request.state) && decision.state === 'delivered'
    const wasFinal = FINAL.includes(request.state)
    if (before === undefined || before.outcome === 'abandoned') {
      request.history.set(number, { outcome: decision.outcome, worker: before?.worker ?? worker })
    }
    if (isCurrent || isNews) {
      if (request.attempts <= number) Object.assign(request, UNCLAIMED)
      else if (request.claimedBy !== null && !request.history.has(request.attempts)) {
        // That other worker may never report.
        request.history.set(request.attempts, { outcome: 'abandoned', worker: request.claimedBy })
      }
      request.expiries = 0
      request.state = decision.state
      request.failureCode = decision.state === 'failed' ? decision.failureCode : null
      if (decision.state === 'pending') request.due = true
      else this.#passTurn(request)
      return 'settled'
    }
    if (wasFinal && request.attempts === number) Object.assign(request, UNCLAIMED)
    return repeated ? 'settled' : 'lost'
  }

  rescue(): void {
    const expired = this.#unlocked(({ state, lease }) => state === 'claimed' && lease === 'over')
    for (const request of expired) {
      if (!request.history.has(request.attempts)) {
        request.history.set(request.attempts, { outcome: 'abandoned', worker: request.claimedBy! })
      }
      request.expiries++
      if (request.expiries >= POISONOUS_AFTER) request.failureCode = 'poison'
      else if (request.attempts >= request.maxAttempts) request.failureCode = 'attempts_exhausted'
      Object.assign(request, UNCLAIMED, { state: request.failureCode === null ? 'pending' : 'failed', due: true })
    }
    this.#unblockLines(expired)
  }

  failExpired(): void {
    const expired = this.#unlocked((request) => request.state === 'pending' && request.expired)
    for (const request of expired) Object.assign(request, { state: 'failed', failureCode: 'expired' })
    this.#unblockLines(expired)
  }

  pendingOf(channels: readonly string[]): Request[] {
    return [...this.requests.values()].filter(({ state, channel }) => state === 'pending' && channels.includes(channel))
  }

  cancelPending(channels: string[]): void {
    const pending = this.pendingOf(channels)
    for (const request of pending) request.state = 'cancelled'
    this.#unblockLines(pending)
  }

  cancel(id: string): void {
    const request = this.requests.get(id)!
    // The worker may never report.
    if (request.state === 'claimed' && !request.history.has(request.attempts)) {
      request.history.set(request.attempts, { outcome: 'abandoned', worker: request.claimedBy! })
    }
    request.state = 'cancelled'
    this.#passTurn(request)
  }

  /** Those of one line keep their order. Returns what became of their places. */
  redrive(ids: readonly string[]): string[] {
    const requests = ids.map((id) => this.requests.get(id)!).sort((a, b) => a.seq - b.seq || (a.id < b.id ? -1 : 1))
    return requests.map((request) => {
      const keepsPlace = request.key !== null && this.#keepsPlace(request, request.key)
      if (request.key !== null && !keepsPlace) {
        request.seq = this.#join(request.key)
        request.waits = request.seq > 1
      } else if (request.seq === NO_PLACE) request.seq = 0
      Object.assign(request, UNCLAIMED, { state: 'pending', due: true, expired: false, expiries: 0, failureCode: null })
      request.maxAttempts += request.attempts - request.attemptsBefore
      request.attemptsBefore = request.attempts
      request.unblockDue = false
      return `redriven: ${keepsPlace ? 'keeps its place' : 'at the end'}`
    })
  }

  /** Nobody has been let through behind it. */
  #keepsPlace({ id, unblockDue }: Request, key: string): boolean {
    const line = this.lines.get(key)
    if (line?.heldBy === id) {
      line.heldBy = null
      return true
    }
    const live = [...this.requests.values()].filter((other) => other.key === key && !FINAL.includes(other.state))
    return line?.heldBy === null && unblockDue && live.every((other) => other.waits)
  }

  unblockLines(): void {
    const waiting = this.#unlocked((request) => request.unblockDue && request.lease !== 'running')
    for (const request of waiting) this.#passTurn(request)
  }

  releaseLine(key: string): boolean {
    const line = this.lines.get(key)
    const wasHeld = line !== undefined && line.heldBy !== null
    if (line) line.heldBy = null
    this.#nextTurn(key, 0)
    return wasHeld
  }

  delete(id: string): void {
    const request = this.requests.get(id)!
    this.requests.delete(id)
    this.#leaveLine(request)
  }

  /** By hand, to the end of another line or out of all. */
  move(id: string, key: string | null): void {
    const request = this.requests.get(id)!
    const before = { ...request }
    const joins = key !== null && request.state === 'pending'
    const seq = joins ? this.#join(key) : NO_PLACE
    Object.assign(request, { key, seq, waits: joins && seq > 1, unblockDue: false })
    this.#leaveLine(before)
  }

  /** Whoever stands behind it goes on, if it was in front. */
  #leaveLine({ key, waits, state, unblockDue, seq }: Request): void {
    if (key === null || waits) return
    if (!FINAL.includes(state) || unblockDue) this.#nextTurn(key, seq)
  }

  #unlocked(wanted: (request: Request) => boolean): Request[] {
    return [...this.requests.values()].filter((request) => wanted(request) && !this.locked.has(request.id))
  }

  #unblockLines(requests: Request[]): void {
    for (const request of requests) if (FINAL.includes(request.state)) this.#passTurn(request)
  }

  /** Somebody in a line is final: who comes after may go, unless the line shall be held. */
  #passTurn(request: Request): void {
    if (request.key === null || request.waits) return
    request.unblockDue = request.lease === 'running' || !this.#hold(request)
  }

  #hold(request: Request): boolean {
    const key = request.key!
    const line = this.lines.get(key)
    if (request.state !== 'failed' || !request.hold) {
      return line === undefined || (!this.locked.has(key) && this.#nextTurn(key, request.seq))
    }
    if (line === undefined || this.locked.has(key)) return false
    line.heldBy = request.id
    return true
  }

  #nextTurn(key: string, after: number): boolean {
    const line = this.lines.get(key)
    if (line === undefined || line.heldBy !== null) return true
    const live = [...this.requests.values()].filter((other) => other.key === key && !FINAL.includes(other.state))
    if (live.length === 0) this.lines.delete(key)
    const [next] = live.filter((other) => other.seq > after).sort((a, b) => a.seq - b.seq)
    if (next?.waits) {
      if (this.locked.has(next.id)) return false
      next.waits = false
    }
    return true
  }
}

const UNCLAIMED = { claimedBy: null, lease: 'none' } as const
