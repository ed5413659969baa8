import { setTimeout as sleep } from 'node:timers/promises'
import { v7 as uuid } from 'uuid'
import type { Prisma } from '../../../generated/prisma/client.ts'
import type { SpawnNote } from './history.ts'
import { openLog } from './log.ts'
import { connect } from './program.ts'
import { between, randomOf } from './random.ts'

/** A spawner's process: an application that writes requests in transactions of which some roll back. */
const env = (name: string) => process.env[name] as string
const note = openLog<SpawnNote>(env('LAB_LOG'))
const name = env('LAB_NAME')
const total = Number(env('LAB_REQUESTS'))
const durationMs = Number(env('LAB_SECONDS')) * 1000
const random = randomOf(Number(env('LAB_SEED')), 'spawner', name)
const { prisma, requeuest } = connect()

const ROLLED_BACK = new Error('rolled back')
const LINES = 20

interface Planned {
  id: string
  channel: string
  url: string
  order: { order?: { key: string } }
}

/** @param line - one for a whole transaction: transactions that join several lines in any order can deadlock. */
function plan(number: number, line: number): Planned {
  const ordered = random() < 0.2
  const order = ordered ? { order: { key: `line-${line}` } } : {}
  const channel = ordered ? 'ordered' : `channel-${between(random, 1, 4)}`
  return { id: uuid(), channel, url: `${env('LAB_RECEIVER')}/${name}/${number}`, order }
}

async function spawnAll(planned: Planned[], tx?: Prisma.TransactionClient): Promise<void> {
  for (const { id, channel, url, order } of planned) {
    await requeuest.spawn(channel, url, { id, ...order, ...(tx && { tx }) })
  }
}

/** Ids are the client's own, so what failed without an answer is simply done again. */
async function untilAcknowledged(work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await work()
    } catch {
      await sleep(100)
    }
  }
}

process.stdout.write('started\n')
const startedAt = performance.now()
for (let done = 0; done < total; ) {
  const size = Math.min(between(random, 1, 8), total - done)
  const line = between(random, 1, LINES)
  const planned = Array.from({ length: size }, (_, index) => plan(done + index, line))
  const ids = planned.map((one) => one.id)
  const dice = random()
  note({ what: 'intent', ids, at: Date.now() })
  if (dice < 0.2) {
    // However it ends, COMMIT is never asked for.
    await prisma
      .$transaction(async (tx) => {
        await spawnAll(planned, tx)
        throw ROLLED_BACK
      })
      .catch(() => {})
    note({ what: 'rolledback', ids, at: Date.now() })
    continue
  }
  if (dice < 0.3) await untilAcknowledged(() => spawnAll(planned))
  else await untilAcknowledged(() => prisma.$transaction((tx) => spawnAll(planned, tx)))
  note({ what: 'acked', ids, at: Date.now() })
  done += size
  const aheadMs = (done / total) * durationMs - (performance.now() - startedAt)
  if (aheadMs > 0) await sleep(aheadMs)
}
await prisma.$disconnect()
