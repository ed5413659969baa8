import { startBurners } from '../harness/burners.ts'
import { type Cost, measureCost } from '../harness/cost.ts'
import type { Lab } from '../harness/lab.ts'
import { Receivers } from '../harness/receivers.ts'
import { type Agent, Run } from '../harness/run.ts'
import { nowMs } from '../processes/clock.ts'
import type { SystemName } from '../systems/catalogue.ts'
import type { Range } from '../systems/system.ts'

/** How requests are drained. */
export interface DrainTerms {
  n: number
  warmup: number
  concurrency: number
  /** Worker processes, which share the concurrency. @default 1 */
  processes?: number
  delayMs?: number
  /** Every request is answered with 500 at its first attempt. */
  failing?: boolean
  bodyBytes?: number
  responseBytes?: number
  /** So many receivers, some of which die, instead of the one. */
  receivers?: number
  /** Processes that do nothing but compute meanwhile. @default 0 */
  burners?: number
  /** Where to write a CPU profile of the worker. */
  profile?: string
}

export interface Drained extends Cost {
  seconds: number
  /** Until the workers have stopped, and with that have recorded what they sent. */
  recordedSeconds: number
  /** Attempts that the target has answered. */
  attempts: number
  /** That the workers had committed by then; null for what is not kept in Postgres. */
  transactions: number | null
}

const BATCH = 1000
/** So that one batch stays a few megabytes, however large the bodies are. */
const BATCH_BYTES = 8 * 1024 * 1024
/** What many receivers ask for, and what an attempt may take there: many times what they need, so that only the dead do not keep to it. */
const MANY = { retryAfterMs: 1000, timeoutMs: 4000 }

/**
 * Fills a queue, then lets workers drain it. They have delivered some requests before: what is measured is a worker that has
 * been running for a while, not how fast its process begins. All connections to the queue are open when the clock starts,
 * of every system: filling a queue may take longer than a pool keeps them. The time ends with the last arrival; what is
 * used up includes recording it.
 */
export async function drain(lab: Lab, system: SystemName, terms: DrainTerms): Promise<Drained> {
  const { n, warmup, concurrency, processes = 1, failing = false, bodyBytes = 200, responseBytes = 2 } = terms
  const ids = warmup + n
  await using receivers = terms.receivers
    ? await Receivers.open(lab, { receivers: terms.receivers, ids, warmup })
    : null
  await using run = await Run.begin(lab, system, {
    target: { ids, delayMs: terms.delayMs ?? 0, failEvery: failing ? 1 : 0, responseBytes },
    receivers,
    system: {
      concurrency: Math.ceil(concurrency / processes),
      bodyBytes,
      ...(failing && { retryAfterMs: 0 }),
      ...(receivers && MANY),
    },
  })
  const attemptsEach = failing ? 2 : 1
  const warmAttempts = warmup * attemptsEach
  const attempts = receivers ? receivers.answers - warmAttempts : n * attemptsEach
  const batch = Math.max(1, Math.min(BATCH, Math.floor(BATCH_BYTES / bodyBytes)))

  const producer = await run.agent()
  await producer.install()
  const workers = await Promise.all(Array.from({ length: processes }, () => run.agent()))
  if (warmup > 0) {
    const first = { from: 0, count: warmup }
    await producer.spawnBatches(first, batch)
    await deliver(run, workers, first, warmAttempts)
  }
  const rest = { from: warmup, count: n }
  await producer.spawnBatches(rest, batch)
  await producer.close()
  await run.settle()
  await receivers?.die()

  await using _burners = await startBurners(lab, terms.burners ?? 0)
  await Promise.all(workers.map((worker) => worker.connect()))
  if (terms.profile) await workers[0]?.startProfile()
  const endTransactions = await run.countTransactions()
  const endCost = await measureCost(lab, system, workers)
  const startedAt = nowMs()
  const endedAt = await deliver(run, workers, rest, warmAttempts + attempts)
  const recordedAt = nowMs()
  const cost = await endCost()
  if (terms.profile) await workers[0]?.writeProfile(terms.profile)
  await Promise.all(workers.map((worker) => worker.close()))
  const transactions = await endTransactions()

  await run.verifyArrivals()
  const judge = await run.agent()
  const left = receivers?.dead ?? 0
  await judge.verify(ids - left, left)
  await judge.close()
  const seconds = (endedAt - startedAt) / 1000
  return { ...cost, seconds, recordedSeconds: (recordedAt - startedAt) / 1000, attempts, transactions }
}

/** Lets the workers send a range until there have been so many attempts. Returns when the last of them arrived. */
async function deliver(run: Run, workers: readonly Agent[], range: Range, attempts: number): Promise<number> {
  await Promise.all(workers.map((worker) => worker.start(range)))
  const endedAt = await run.arrived(attempts)
  await Promise.all(workers.map((worker) => worker.stop()))
  return endedAt
}
