import { setTimeout as sleep } from 'node:timers/promises'
import { between, type Random } from '../lab/random.ts'
import type { Reach } from '../lab/run.ts'
import { until } from '../lab/until.ts'
import type { TcpProxy } from '../proxy/proxy.ts'
import type { FaultKind } from './kinds.ts'

/** Each fault draws all its chances before it waits for anything, so that the seed alone decides what is done. */
type Faults = Record<FaultKind, () => Promise<void>>

/** How long a fault waits for what it needs. */
const PATIENCE_MS = 8000
const POLL_MS = 20

export function createFaults(random: Random, { lab, crew, receiver, note }: Reach): Faults {
  const { database, postgres } = lab

  async function noted(kind: FaultKind, pid: number | null, work: () => unknown): Promise<void> {
    const from = Date.now()
    await work()
    note({ kind, pid, from, until: Date.now() })
  }

  async function kill(): Promise<void> {
    const victim = crew.awakeFrom(crew.draw(random))
    if (!victim) return
    let replaced: Promise<void> | undefined
    await noted('kill', victim.pid, () => {
      replaced = crew.kill(victim)
      return victim.exited
    })
    await replaced
  }

  /** Wakes it when others have taken over what it was sending, or a little later: then the two of them may clash. */
  async function stop(): Promise<void> {
    const place = crew.draw(random)
    const afterwardsMs = between(random, 0, 150)
    const found = await until(PATIENCE_MS, POLL_MS, async () => {
      const worker = crew.awakeFrom(place)
      return worker !== undefined && (await database.heldBy(worker.pid)).length > 0
    })
    const victim = found ? crew.awakeFrom(place) : undefined
    if (!victim) return
    await noted('stop', victim.pid, async () => {
      crew.stop(victim)
      const held = await database.heldBy(victim.pid)
      const isTakenOver = async () => {
        const stillHeld = await database.heldBy(victim.pid)
        return stillHeld.length === 0 || (await database.countClaimed(held)) > stillHeld.length
      }
      await until(PATIENCE_MS, POLL_MS, isTakenOver)
      await sleep(afterwardsMs)
      crew.wake(victim)
    })
  }

  async function cutAfterCommits(): Promise<void> {
    const count = between(random, 5, 20)
    const target = postgres.commitsCut + count
    await noted('commit', null, async () => {
      postgres.cutAfterCommits(count)
      await until(2000, POLL_MS, async () => postgres.commitsCut >= target)
      postgres.cutAfterCommits(0)
    })
  }

  async function blackhole(kind: FaultKind, proxy: TcpProxy): Promise<void> {
    const ms = between(random, 500, 2500)
    await noted(kind, null, async () => {
      proxy.silence()
      await sleep(ms)
      proxy.heal()
    })
  }

  async function delay(kind: FaultKind, proxy: TcpProxy, most: number): Promise<void> {
    const delayMs = between(random, 50, most)
    const ms = between(random, 500, 2500)
    await noted(kind, null, async () => {
      proxy.delay(delayMs)
      await sleep(ms)
      proxy.delay(0)
      // What was held back last arrives only now.
      await sleep(delayMs)
    })
  }

  return {
    kill,
    stop,
    terminate: () => noted('terminate', null, () => database.terminateBackends()),
    crash: () => noted('crash', null, () => lab.crash()),
    commit: cutAfterCommits,
    'postgres-cut': () => noted('postgres-cut', null, () => postgres.cut('cut')),
    'postgres-reset': () => noted('postgres-reset', null, () => postgres.cut('reset')),
    'postgres-blackhole': () => blackhole('postgres-blackhole', postgres),
    'postgres-delay': () => delay('postgres-delay', postgres, 200),
    'receiver-cut': () => noted('receiver-cut', null, () => receiver.cut('cut')),
    'receiver-reset': () => noted('receiver-reset', null, () => receiver.cut('reset')),
    'receiver-blackhole': () => blackhole('receiver-blackhole', receiver),
    'receiver-delay': () => delay('receiver-delay', receiver, 1200),
  }
}
