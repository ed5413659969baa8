import { setTimeout as sleep } from 'node:timers/promises'
import { between, type Random } from '../lab/random.ts'
import type { Reach } from '../lab/run.ts'
import type { TcpProxy } from '../proxy/proxy.ts'
import type { FaultKind } from './kinds.ts'

/** Each fault draws all its chances before it waits for anything, so that the seed alone decides what is done. */
type Faults = Record<FaultKind, () => Promise<void>>

const STOP_MS = { least: 500, most: 8000 }
const POLL_MS = 50

export function createFaults(random: Random, { lab, crew, receiver, note }: Reach): Faults {
  const { database, postgres } = lab

  async function noted(kind: FaultKind, pid: number | null, work: () => unknown): Promise<void> {
    const from = Date.now()
    await work()
    note({ kind, pid, from, until: Date.now() })
  }

  async function kill(): Promise<void> {
    const victim = crew.draw(random)
    if (!victim) return
    let replaced: Promise<void> | undefined
    await noted('kill', victim.pid, () => {
      replaced = crew.kill(victim)
      return victim.exited
    })
    await replaced
  }

  /** Wakes it when others have taken its requests, or a little later: that is when the two of them may clash. */
  async function stop(): Promise<void> {
    const victim = crew.draw(random)
    const afterwardsMs = between(random, 0, 300)
    if (!victim) return
    await noted('stop', victim.pid, async () => {
      crew.stop(victim)
      const stoppedAt = performance.now()
      const stoppedMs = () => performance.now() - stoppedAt
      await sleep(STOP_MS.least)
      while (stoppedMs() < STOP_MS.most && (await database.countClaims(victim.pid)) > 0) await sleep(POLL_MS)
      await sleep(afterwardsMs)
      crew.wake(victim)
    })
  }

  async function cutAfterCommits(): Promise<void> {
    const count = between(random, 5, 20)
    const target = postgres.commitsCut + count
    await noted('commit', null, async () => {
      postgres.cutAfterCommits(count)
      for (let waitedMs = 0; waitedMs < 2000 && postgres.commitsCut < target; waitedMs += POLL_MS) await sleep(POLL_MS)
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
