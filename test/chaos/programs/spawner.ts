import { setTimeout as sleep } from 'node:timers/promises'
import { v7 as uuid } from 'uuid'
import type { Prisma } from '../../../generated/prisma/client.ts'
import type { SpawnerNote } from '../lab/history.ts'
import { openLog } from '../lab/log.ts'
import { between, type Random, randomOf } from '../lab/random.ts'
import { connect, leave } from './program.ts'

/**
 * A spawner's process: an application that writes requests, mostly in transactions of which some roll back, and clears
 * channels of its own now and then. It does several things at a time, as applications do.
 */
const env = (name: string) => process.env[name] as string
const note = openLog<SpawnerNote>(env('LAB_LOG'))
const seed = Number(env('LAB_SEED'))
const durationMs = Number(env('LAB_SECONDS')) * 1000
const { prisma, requeuest } = connect()

const ROLLED_BACK = new Error('rolled back')
const FLOWS = 3
const AGAIN_MS = 100
const requests = Number(env('LAB_REQUESTS'))
/** A line takes its time, however fast the rest is: a run with more requests has more of them. */
const lines = Math.max(40, Math.ceil(requests / 25))

interface Planned {
  id: string
  channel: string
  path: string
  order?: { key: string }
  dedupe?: { key: string }
  /** Spawned while those before it still are. */
  overlaps: boolean
}

async function spawnAll(planned: Planned[], tx?: Prisma.TransactionClient): Promise<void> {
  const underWay: Promise<string>[] = []
  for (const { id, channel, path, overlaps, ...options } of planned) {
    if (!overlaps) await Promise.all(underWay)
    const request = { method: 'POST', url: `${env('LAB_RECEIVER')}/${path}`, body: id }
    underWay.push(requeuest.spawn(channel, request, { id, ...options, ...(tx && { tx }) }))
  }
  await Promise.all(underWay)
}

/** However it ends, COMMIT is never asked for. */
async function rollBack(planned: Planned[]): Promise<void> {
  const work = prisma.$transaction(async (tx) => {
    await spawnAll(planned, tx)
    throw ROLLED_BACK
  })
  await work.catch(() => {})
}

/**
 * Spawns until it is known to have worked. What failed without an answer may have worked: then it is looked up by its
 * id, done again, which the same ids make safe, or now and then left as it is. Says whether it is known.
 */
async function spawnSafely(planned: Planned[], inTransaction: boolean, random: Random): Promise<boolean> {
  const ids = planned.map((one) => one.id)
  for (;;) {
    try {
      if (inTransaction) await prisma.$transaction((tx) => spawnAll(planned, tx))
      else await spawnAll(planned)
      return true
    } catch {
      note({ what: 'unknown', ids, at: Date.now() })
      const dice = random()
      if (dice < 0.1) return false
      await sleep(AGAIN_MS)
      if (dice < 0.5 && inTransaction && (await isThere(ids[0] as string))) return true
    }
  }
}

async function isThere(id: string): Promise<boolean> {
  const found = await untilAnswered(() => requeuest.find(id))
  return found !== null
}

async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask()
    } catch {
      await sleep(AGAIN_MS)
    }
  }
}

async function flow(name: string, total: number): Promise<void> {
  const random = randomOf(seed, 'spawner', name)
  const ownChannel = `clear-${name}`
  const startedAt = performance.now()
  for (let done = 0; done < total; ) {
    const clears = random() < 0.04
    const size = Math.min(clears ? between(random, 10, 30) : between(random, 1, 8), total - done)
    // One line for a whole transaction: transactions that join several lines in any order can deadlock.
    const key = `line-${between(random, 1, lines)}`
    const [overlaps, hasKeys] = [random() < 0.5, random() < 0.2]
    const planned = Array.from({ length: size }, (_, index): Planned => {
      const id = uuid()
      const it = { id, path: `${name}/${done + index}`, overlaps, ...(hasKeys && { dedupe: { key: id } }) }
      if (clears) return { ...it, channel: ownChannel }
      if (random() < 0.3) return { ...it, channel: 'ordered', order: { key } }
      return { ...it, channel: `channel-${between(random, 1, 4)}` }
    })
    const ids = planned.map((one) => one.id)
    note({ what: 'intent', ids, at: Date.now() })
    if (!clears && random() < 0.2) {
      await rollBack(planned)
      note({ what: 'rolledback', ids, at: Date.now() })
      continue
    }
    if (await spawnSafely(planned, random() < 0.85, random)) note({ what: 'acked', ids, at: Date.now() })
    if (clears) {
      await sleep(between(random, 0, 60))
      await untilAnswered(() => requeuest.clear({ channel: ownChannel }))
      note({ what: 'cleared', channel: ownChannel, at: Date.now() })
    }
    done += size
    const aheadMs = (done / total) * durationMs - (performance.now() - startedAt)
    if (aheadMs > 0) await sleep(aheadMs)
  }
}

process.stdout.write('started\n')
const share = Math.ceil(requests / FLOWS)
await Promise.all(Array.from({ length: FLOWS }, (_, index) => flow(`${env('LAB_NAME')}-${index}`, share)))
await leave(prisma)
