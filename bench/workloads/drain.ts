import { type Cost, measureCost } from '../harness/cost.ts'
import type { Lab } from '../harness/lab.ts'
import { Run } from '../harness/run.ts'
import { nowMs } from '../processes/clock.ts'
import type { SystemName } from '../systems/catalogue.ts'

/** How requests are drained. */
export interface DrainTerms {
  n: number
  warmup: number
  concurrency: number
  /** Worker processes, which share the concurrency. @default 1 */
  processes?: number
  delayMs?: number
  /** Every request is answered with 500 at its first try. */
  failing?: boolean
  bodyBytes?: number
  responseBytes?: number
  /** Where to write a CPU profile of the worker. */
  profile?: string
}

export interface Drained extends Cost {
  seconds: number
  /** Until the workers have stopped, and with that have recorded what they sent. */
  recordedSeconds: number
  /** Tries that the target has answered. */
  tries: number
}

const BATCH = 1000
/** So that one batch stays a few megabytes, however large the bodies are. */
const BATCH_BYTES = 8 * 1024 * 1024

/**
 * Fills a queue, then lets workers drain it. They have delivered some requests before: what is measured is a worker that has
 * been running for a while, not how fast its process begins. The time ends with the last arrival; what is
 * used up includes recording it.
 */
export async function drain(lab: Lab, system: SystemName, terms: DrainTerms): Promise<Drained> {
  const { n, warmup, concurrency, processes = 1, failing = false, bodyBytes = 200, responseBytes = 2 } = terms
  const target = { ids: warmup + n, delayMs: terms.delayMs ?? 0, failEvery: failing ? 1 : 0, responseBytes }
  await using run = await Run.begin(lab, system, {
    target,
    system: { concurrency: Math.ceil(concurrency / processes), bodyBytes, retryAtOnce: failing },
  })
  const triesEach = failing ? 2 : 1
  const batch = Math.max(1, Math.min(BATCH, Math.floor(BATCH_BYTES / bodyBytes)))

  const producer = await run.agent()
  await producer.install()
  const workers = await Promise.all(Array.from({ length: processes }, () => run.agent()))
  if (warmup > 0) {
    const first = { from: 0, count: warmup }
    await producer.spawnBatches(first, batch)
    await Promise.all(workers.map((worker) => worker.start(first)))
    await run.arrived(warmup * triesEach)
    await Promise.all(workers.map((worker) => worker.stop()))
  }
  const rest = { from: warmup, count: n }
  await producer.spawnBatches(rest, batch)
  await run.settle()

  if (terms.profile) await workers[0]?.startProfile()
  const endCost = await measureCost(lab, system, workers)
  const startedAt = nowMs()
  await Promise.all(workers.map((worker) => worker.start(rest)))
  const endedAt = await run.arrived((warmup + n) * triesEach)
  await Promise.all(workers.map((worker) => worker.stop()))
  const recordedAt = nowMs()
  const cost = await endCost()
  if (terms.profile) await workers[0]?.writeProfile(terms.profile)

  await run.verifyArrivals()
  await producer.verify(warmup + n)
  await Promise.all([...workers, producer].map((agent) => agent.close()))
  const seconds = (endedAt - startedAt) / 1000
  return { ...cost, seconds, recordedSeconds: (recordedAt - startedAt) / 1000, tries: n * triesEach }
}
