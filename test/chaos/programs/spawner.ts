import { setTimeout as sleep } from 'node:timers/promises'
import { v7 as uuid } from 'uuid'
import type { Prisma } from '../../../generated/prisma/client.ts'
import type { SpawnerNote } from '../lab/history.ts'
import { openLog } from '../lab/log.ts'
import { between, randomOf } from '../lab/random.ts'
import { connect } from './program.ts'

/**
 * A spawner's process: an application that writes requests, mostly in transactions of which some roll back, and clears
 * a channel of its own now and then.
 */
const env = (name: string) => process.env[name] as string
const note = openLog<SpawnerNote>(env('LAB_LOG'))
const name = env('LAB_NAME')
const total = Number(env('LAB_REQUESTS'))
const durationMs = Number(env('LAB_SECONDS')) * 1000
const random = randomOf(Number(env('LAB_SEED')), 'spawner', name)
const { prisma, requeuest } = connect()

const ROLLED_BACK = new Error('rolled back')
const LINES = 40
const OWN_CHANNEL = `clear-${name}`
const AGAIN_MS = 100

interface Planned {
  id: string
  channel: string
  number: number
  order?: { key: string }
}

/** @param line - one for a whole transaction: transactions that join several lines in any order can deadlock. */
function plan(number: number, line: number): Planned {
  const ordered = random() < 0.3
  const channel = ordered ? 'ordered' : `channel-${between(random, 1, 4)}`
  return { id: uuid(), channel, number, ...(ordered && { order: { key: `line-${line}` } }) }
}

async function spawnAll(planned: Planned[], tx?: Prisma.TransactionClient): Promise<void> {
  for (const { id, channel, number, order } of planned) {
    const request = { method: 'POST', url: `${env('LAB_RECEIVER')}/${name}/${number}`, body: id }
    await requeuest.spawn(channel, request, { id, ...(order && { order }), ...(tx && { tx }) })
  }
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
async function spawnSafely(planned: Planned[], inTransaction: boolean): Promise<boolean> {
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

async function clearOwnChannel(): Promise<void> {
  await untilAnswered(() => requeuest.clear(OWN_CHANNEL))
  note({ what: 'cleared', channel: OWN_CHANNEL, at: Date.now() })
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

process.stdout.write('started\n')
const startedAt = performance.now()
for (let done = 0; done < total; ) {
  const clears = random() < 0.04
  const size = Math.min(clears ? between(random, 10, 30) : between(random, 1, 8), total - done)
  const line = between(random, 1, LINES)
  const planned = Array.from({ length: size }, (_, index) => plan(done + index, line))
  const ids = planned.map((one) => one.id)
  note({ what: 'intent', ids, at: Date.now() })
  if (clears) {
    for (const one of planned) {
      one.channel = OWN_CHANNEL
      delete one.order
    }
  } else if (random() < 0.2) {
    await rollBack(planned)
    note({ what: 'rolledback', ids, at: Date.now() })
    continue
  }
  if (await spawnSafely(planned, random() < 0.85)) note({ what: 'acked', ids, at: Date.now() })
  if (clears) {
    await sleep(between(random, 0, 60))
    await clearOwnChannel()
  }
  done += size
  const aheadMs = (done / total) * durationMs - (performance.now() - startedAt)
  if (aheadMs > 0) await sleep(aheadMs)
}
await prisma.$disconnect()
