import { v7 as uuid } from 'uuid'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { type PrismaClientLike, Requeuest } from '../../src/index.ts'
import { endLeases } from '../support/factory.ts'
import type { Story } from './invariants.ts'
import type { ScriptedReceiver } from './scripted-receiver.ts'
import { seedUpkeep } from './seed.ts'
import { countLive, until } from './until.ts'

interface Stage {
  /** The client that the library is given. */
  faulty: PrismaClientLike
  /** A client of the same database to which nothing happens. */
  prisma: PrismaClient
  receiver: ScriptedReceiver
  /** Calls `listener` when the first claim has been run and its answer is not told yet. */
  onFirstClaim(listener: () => void): void
}

/**
 * A short life of the library that makes every call to the database that it has: plain, repeated, ordered, failed,
 * held, cancelled, expired and rescued requests, one that is waited for, one whose answer does not come before the
 * worker is stopped, and a worker that is stopped while it claims.
 */
export async function playScenario({ faulty, prisma, receiver, onFirstClaim }: Stage): Promise<Story> {
  const rescued = await seedUpkeep(prisma, receiver.url)
  const requeuest = new Requeuest(faulty, {
    backoff: { baseMs: 10, factor: 1, jitter: 'none' },
    network: { allow: ['127.0.0.1'] },
    retention: { delivered: '1d', failed: '1d', bodies: '1d' },
  })
  requeuest.on('error', () => {})
  const acknowledged: string[] = []

  async function spawn(path: string, options: Parameters<Requeuest['spawn']>[2] = {}) {
    const id = uuid()
    acknowledged.push(await insist(() => requeuest.spawn('a', receiver.url + path, { id, ...options })))
    return id
  }

  const plain = await spawn('/plain/503/200')
  acknowledged.push(
    ...(await insist(() => requeuest.spawnMany('b', [`${receiver.url}/1/200`, `${receiver.url}/2/200`]))),
  )
  await spawn('/line1/500/200', { order: { key: 'line' } })
  await spawn('/hold1/400', { order: { key: 'hold' }, maxAttempts: 1, afterFailure: 'hold' })
  const byHand = (path: string, more = {}) =>
    prisma.httpRequest.create({ data: { channel: 'a', url: receiver.url + path, ...more } })
  await byHand('/line2/400', { orderKey: 'line', maxAttempts: 1 })
  await byHand('/line3/200', { orderKey: 'line' })
  await byHand('/hold2/200', { orderKey: 'hold' })
  await byHand('/silent/hang/200', { backoffBaseMs: 10 })
  await byHand('/cleared', { channel: 'cleared' })
  await insist(() => requeuest.clear('cleared'))

  const stopped = new Promise<void>((resolve) => {
    onFirstClaim(() => resolve(requeuest.stop({ timeoutMs: 0 })))
  })
  await insist(() => requeuest.start({ channels: 'all' }))
  await stopped
  await endLeases(prisma)

  await insist(() => requeuest.start({ channels: 'all' }))
  const waited = requeuest.waitFor(plain)
  await until(() => prisma.httpLine.count({ where: { orderKey: 'hold', heldById: { not: null } } }))
  await insist(() => requeuest.release('a', { key: 'hold' }))
  await until(async () => receiver.arrivals.some(({ status }) => status === null) && (await countLive(prisma)) === 1)
  await waited
  await requeuest.stop({ timeoutMs: 0 })
  await endLeases(prisma)

  await insist(() => requeuest.start({ channels: 'all' }))
  // A worker that has had nothing to do for a moment asks when it will.
  await spawn('/later/200', { delayMs: 300 })
  await until(async () => (await countLive(prisma)) === 0)
  await insist(() => requeuest.find(plain))
  await requeuest.stop()
  return { acknowledged, arrivals: receiver.arrivals, unsent: new Set([rescued]) }
}

/** What a caller does who has to know: the same again until it is answered. */
async function insist<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (tries === 5) throw error
    }
  }
}
