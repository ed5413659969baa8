import type { FaultKind } from '../nemesis/kinds.ts'

/*
 * What happened in a run, as the parties themselves noted it. Every time is in milliseconds since 1970: all parties,
 * Postgres among them, read the clock of one machine.
 */

/**
 * `intent` comes before the spawn. `acked`: it returned, or its transaction committed. `rolledback`: its transaction
 * was given up before COMMIT was ever asked for. `unknown`: it failed when it may have worked all the same.
 */
export interface SpawnNote {
  what: 'intent' | 'acked' | 'rolledback' | 'unknown'
  ids: string[]
  at: number
}

/** `clear(channel)` returned. */
interface ClearNote {
  what: 'cleared'
  channel: string
  at: number
}

export type SpawnerNote = SpawnNote | ClearNote

/** A worker's background work failed. */
export interface WorkerNote {
  error: string
  at: number
}

export type Answer = number | 'reset' | 'none'

/** What the receiver writes: one line when a request has arrived, one when it is answered. */
export type ReceiverNote =
  | { what: 'arrived'; token: number; id: string; body: string; at: number }
  | { what: 'answered'; token: number; answer: Answer; at: number }

/** A request as the receiver saw it. `token` numbers arrivals, and is the body of the answer. */
export interface Arrival {
  token: number
  id: string
  body: string
  at: number
  answer: Answer
  answeredAt: number | null
}

/** `pid` is the worker's; faults of the database and of the network have none. */
export interface Fault {
  kind: FaultKind
  pid: number | null
  from: number
  until: number
}

export interface RequestFact {
  id: string
  channel: string
  state: string
  failureCode: string | null
  attemptCount: number
  line: string | null
  finishedAt: number | null
}

export interface AttemptFact {
  id: string
  number: number
  outcome: string
  status: number | null
  body: string | null
  workerPid: number
  startedAt: number
}

/** A change of a request's state or count of attempts, written by a trigger. `from` is null when it was inserted. */
export interface Move {
  seq: number
  id: string
  from: string | null
  to: string | null
  countBefore: number
  countAfter: number
  /** The process whose connection made it. */
  by: number | null
  /** Whether the lease of the claim that it ended had run out. */
  leaseOver: boolean
  at: number
}

/** A process ended although nobody ended it. */
export interface Death {
  name: string
  pid: number
  /** Its exit code, signal or error. */
  code: string
}

/** A worker process, and by how much its `Date` was wrong. */
export interface WorkerFact {
  name: string
  pid: number
  skewMs: number
}

export interface History {
  notes: SpawnerNote[]
  arrivals: Arrival[]
  faults: Fault[]
  requests: RequestFact[]
  attempts: AttemptFact[]
  moves: Move[]
  deaths: Death[]
  workers: WorkerFact[]
  /** How many deadlocks Postgres counted. */
  deadlocks: number
  /** What the lab itself could not do. */
  mishaps: string[]
}

export const isFinal = (state: string | null): boolean => ['delivered', 'failed', 'cancelled'].includes(state ?? '')

export const isSuccess = (answer: Answer): boolean => typeof answer === 'number' && answer >= 200 && answer < 300

/** Joins the two lines of each arrival. What was never answered was answered with nothing. */
export function toArrivals(notes: readonly ReceiverNote[]): Arrival[] {
  const arrivals = new Map<number, Arrival>()
  for (const note of notes) {
    if (note.what === 'arrived') {
      const { token, id, body, at } = note
      arrivals.set(token, { token, id, body, at, answer: 'none', answeredAt: null })
    } else {
      const arrival = arrivals.get(note.token)
      if (arrival) Object.assign(arrival, { answer: note.answer, answeredAt: note.at })
    }
  }
  return [...arrivals.values()]
}
