import type { RetentionOptions } from '../../src/index.ts'

/** Consecutive ids. */
export interface Range {
  from: number
  count: number
}

/** What a system is to work with. */
export interface Terms {
  /** A database of its own. */
  databaseUrl: string
  /** Where Redis listens; null without one. */
  redisPort: number | null
  /** Where to send to: the ids go to them in turns, each as a POST to `${origin}/${id}`. */
  origins: readonly string[]
  /** The certificate that the origins are trusted by; null where they speak plain HTTP. */
  ca: string | null
  /** How long an attempt may take; null for the system's usual. */
  timeoutMs: number | null
  /** How many requests a worker may have under way. */
  concurrency: number
  /** Bytes of each request's body. */
  bodyBytes: number
  /** How many channels the worker listens to, for systems that have them. */
  channels: readonly string[] | 'all'
  /** When a request that failed shall be sent again, for systems that can be told; null where none should fail. */
  retryAfterMs: number | null
  /** How long requests are kept once they are final, for systems that can be told. */
  retention?: RetentionOptions
}

/** One queue, or what stands in for one, as a process sees it. */
export interface System {
  /** Makes what the queue needs in an empty database. */
  install(): Promise<void>
  /** Queues one request, as an app would. */
  spawn(id: number): Promise<unknown>
  /** Queues many in one statement or as few as the system can. */
  spawnMany(range: Range): Promise<unknown>
  /** Opens all the connections that the worker has to its queue, so that `start()` finds them open. */
  connect(): Promise<void>
  /** Starts the worker. What has no queue sends the range itself. */
  start(range: Range): Promise<void>
  /** Ends the worker when what it has begun is done and recorded. */
  stop(): Promise<void>
  /** Throws unless the queue holds that many requests as done, so many that are not, and no other. */
  verify(done: number, left: number): Promise<void>
  close(): Promise<void>
}

export type OpenSystem = (terms: Terms) => Promise<System>

/** The channel, queue or task that everything goes through. */
export const CHANNEL = 'bench'

export function urlOf(terms: Terms, id: number): string {
  return `${terms.origins[id % terms.origins.length]}/${id}`
}

/** A JSON text of exactly the wanted length. */
export function bodyOf(terms: Terms, id: number): string {
  const start = `{"id":${id},"pad":"`
  return `${start}${'x'.repeat(Math.max(0, terms.bodyBytes - start.length - 2))}"}`
}

/** A request as the peers keep it in their jobs. */
export interface JobData {
  url: string
  body: string
}

export function jobOf(terms: Terms, id: number): JobData {
  return { url: urlOf(terms, id), body: bodyOf(terms, id) }
}

export function idsOf({ from, count }: Range): number[] {
  return Array.from({ length: count }, (_, index) => from + index)
}

/** Throws when a queue is not what it should be at the end of a run. */
export function expectCount(what: string, actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`${what}: ${actual} instead of ${expected}`)
}
