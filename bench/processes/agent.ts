import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { factsOf, type SystemName } from '../systems/catalogue.ts'
import type { Range, System, Terms } from '../systems/system.ts'
import { nowMs } from './clock.ts'
import { serve } from './rpc.ts'

/** What a process has used since it began. */
export interface Usage {
  cpuSeconds: number
  /** The most memory that it ever held. */
  peakRssMb: number
}

const MICROSECONDS = 1e6

/** One process of a system under test: a worker, a producer, or both. */
const methods = {
  async open(name: SystemName, terms: Terms): Promise<void> {
    const openSystem = await factsOf(name).load()
    system = await openSystem(terms)
  },
  install: () => opened().install(),
  connect: () => opened().connect(),
  async start(range: Range): Promise<void> {
    await opened().start(range)
  },
  async stop(): Promise<void> {
    await opened().stop()
  },
  verify: (done: number, left = 0) => opened().verify(done, left),
  async close(): Promise<void> {
    await opened().close()
  },
  /** Queues a range in batches, one after another. Returns how many milliseconds that took. */
  async spawnBatches({ from, count }: Range, size: number): Promise<number> {
    const startedAt = nowMs()
    for (let done = 0; done < count; done += size) {
      await opened().spawnMany({ from: from + done, count: Math.min(size, count - done) })
    }
    return nowMs() - startedAt
  },
  /** Queues a range one by one, so many at a time. Returns how many milliseconds that took. */
  async spawnSingles({ from, count }: Range, atOnce: number): Promise<number> {
    let next = from
    const loop = async () => {
      while (next < from + count) await opened().spawn(next++)
    }
    const startedAt = nowMs()
    await Promise.all(Array.from({ length: atOnce }, loop))
    return nowMs() - startedAt
  },
  /** Queues a range at a steady pace, whatever the answers take. Returns when each call was made. */
  async spawnPaced({ from, count }: Range, perSecond: number): Promise<Float64Array> {
    const calledAt = new Float64Array(count)
    const spawns: Promise<unknown>[] = []
    const startedAt = nowMs()
    for (let index = 0; index < count; index++) {
      const dueInMs = startedAt + (index * 1000) / perSecond - nowMs()
      if (dueInMs > 0) await sleep(dueInMs)
      calledAt[index] = nowMs()
      spawns.push(opened().spawn(from + index))
    }
    await Promise.all(spawns)
    return calledAt
  },
  usage(): Usage {
    const { user, system } = process.cpuUsage()
    return { cpuSeconds: (user + system) / MICROSECONDS, peakRssMb: process.resourceUsage().maxRSS / 1024 }
  },
  async startProfile(): Promise<void> {
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.start')
  },
  async writeProfile(file: string): Promise<void> {
    const { profile } = await session.post('Profiler.stop')
    writeFileSync(file, JSON.stringify(profile))
    session.disconnect()
  },
}

export type AgentMethods = typeof methods

let system: System | undefined
const session = new Session()

function opened(): System {
  if (!system) throw new Error('open() comes first')
  return system
}

serve(methods)
