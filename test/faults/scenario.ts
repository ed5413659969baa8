import { v7 as uuid } from 'uuid'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { type PrismaClientLike, Requeuest } from '../../src/index.ts'
import { endLeases } from '../support/factory.ts'
import type { Story } from './invariants.ts'
import type { ScriptedReceiver } from './scripted-receiver.ts'
import { seedMaintenance } from './seed.ts'
import { countLive, until } from './until.ts'

export interface Stage {
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
 * held, cancelled, expired, rescued and scheduled requests, one that is waited for, one whose answer does not come before the
 * worker is stopped, and a worker that is stopped while it claims.
 */
export async function playScenario({ faulty, prisma, receiver, onFirstClaim }: Stage): Promise<Story> {
  const rescued = await seedMaintenance(prisma, receiver.url)
  const requeuest = new Requeuest(faulty, {
    retry: { backoff: { base: 10, factor: 1, jitter: 'none' } },
    network: { allow: ['127.0.0.1'] },
    retention: { delivered: '1d', failed: '1d', cancelled: '3d', bodies: '1d' },
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
  await spawn('/hold1/400', { order: { key: 'hold', afterFailure: 'hold' }, retry: { maxAttempts: 1 } })
  const byHand = (path: string, more = {}) =>
    prisma.httpRequest.create({ data: { channel: 'a', url: receiver.url + path, ...more } })
  await byHand('/line2/400', { orderKey: 'line', maxAttempts: 1 })
  await byHand('/line3/200', { orderKey: 'line' })
  await byHand('/hold2/200', { orderKey: 'hold' })
  await byHand('/silent/hang/200', { backoffBaseMs: 10 })
  await byHand('/cleared', { channel: 'cleared' })
  await insist(() => requeuest.clear({ channel: 'cleared' }))
  const yearly = { cron: '@yearly', channel: 'a', request: receiver.url }
  await insist(() => requeuest.schedule('removed', yearly))
  await insist(() => requeuest.pauseSchedule('removed'))
  await insist(() => requeuest.resumeSchedule('removed'))
  await insist(() => requeuest.runSchedule('removed'))
  await insist(() => requeuest.schedules())
  await insist(() => requeuest.unschedule('removed'))

  const stopped = new Promise<void>((resolve) => {
    onFirstClaim(() => resolve(requeuest.stop({ timeout: 0 })))
  })
  await insist(() => requeuest.start({ channels: 'all' }))
  await stopped
  await endLeases(prisma)

  await insist(() => requeuest.start({ channels: 'all' }))
  const waited = requeuest.waitFor(plain)
  await until(() => prisma.httpLine.count({ where: { orderKey: 'hold', heldById: { not: null } } }))
  await insist(() => requeuest.release({ channel: 'a', key: 'hold' }))
  await until(async () => receiver.arrivals.some(({ status }) => status === null) && (await countLive(prisma)) === 1)
  await waited
  await requeuest.stop({ timeout: 0 })
  await endLeases(prisma)

  await insist(() => requeuest.start({ channels: 'all' }))
  // A worker that has had nothing to do for a moment asks when it will.
  await spawn('/later/200', { delay: 300 })
  await until(async () => (await countLive(prisma)) === 0)
  await insist(() => requeuest.find(plain))
  await requeuest.stop()
  return { acknowledged, arrivals: receiver.arrivals, unsent: new Set([rescued]) }
}

/** Requests that are changed before a worker takes them: every call that does so, and the worker is struck by nothing. */
export async function playChanges({ faulty, prisma, receiver }: Stage): Promise<Story> {
  const options = { network: { allow: ['127.0.0.1'] } }
  const requeuest = new Requeuest(faulty, options)
  const spawn = (path: string, more: Parameters<Requeuest['spawn']>[2] = {}) => {
    const id = uuid()
    return insist(() => requeuest.spawn('a', receiver.url + path, { id, delay: 3_600_000, ...more }))
  }
  const replaced = await spawn('/taken/500', { dedupe: { key: 'key' } })
  await spawn('/taken/200', { dedupe: { key: 'key', onDuplicate: 'replace' }, delay: 0 })
  // What was tried already is not rewritten: another one takes the key.
  const tried = await spawn('/tried', { dedupe: { key: 'tried' } })
  await prisma.httpRequest.update({ where: { id: tried }, data: { attemptCount: 1, attempts: { create: LOST } } })
  const instead = await spawn('/instead/200', { dedupe: { key: 'tried', onDuplicate: 'replace' }, delay: 0 })
  const moved = await spawn('/moved/500')
  await insist(() => requeuest.retarget(moved, { url: `${receiver.url}/moved/200`, headers: { 'x-moved': '1' } }))
  await insist(() => requeuest.reschedule(moved, new Date()))
  const back = await spawn('/back/200', { order: { key: 'line' } })
  await insist(() => requeuest.cancel(back))
  await insist(() => requeuest.redrive({ state: 'cancelled', orderKey: 'line' }))

  const worker = new Requeuest(prisma, options)
  await worker.start({ channels: 'all' })
  await until(async () => (await countLive(prisma)) === 0)
  await worker.stop()
  const acknowledged = [replaced, tried, instead, moved, back]
  return { acknowledged, arrivals: receiver.arrivals, unsent: new Set([tried]) }
}

/** A worker that keeps to pauses and limits, and leaves alone a receiver that asks for it, and one that fails. */
export async function playLimits({ faulty, prisma, receiver }: Stage): Promise<Story> {
  const requeuest = new Requeuest(faulty, {
    retry: { backoff: { base: 10, max: 50, factor: 1, jitter: 'none' } },
    breaker: { minRequests: 2, openFor: 50, maxOpenFor: 50 },
    network: { allow: ['127.0.0.1'] },
  })
  requeuest.on('error', () => {})
  const acknowledged: string[] = []
  const spawn = async (path: string) => {
    const id = uuid()
    acknowledged.push(await insist(() => requeuest.spawn('a', receiver.url + path, { id })))
  }
  const allOver = () => until(async () => (await countLive(prisma)) === 0)

  const scopes = [{ channel: 'a' }, { origin: receiver.url }]
  for (const scope of scopes) await insist(() => requeuest.pause(scope))
  await spawn('/plain/200')
  await insist(() => requeuest.start({ channels: 'all' }))
  for (const scope of scopes) await insist(() => requeuest.resume(scope))
  await allOver()
  await spawn('/asks/429/200')
  await allOver()
  await Promise.all([spawn('/ill1/500/200'), spawn('/ill2/500/200')])
  await allOver()
  const limits = { concurrency: 2, rate: { limit: 1000 } }
  for (const scope of scopes) await insist(() => requeuest.setLimits(scope, limits))
  await spawn('/limited/200')
  await allOver()
  await requeuest.stop()
  return { acknowledged, arrivals: receiver.arrivals }
}

/** An attempt of which nobody knows whether it arrived. */
const LOST = { number: 1, outcome: 'abandoned', startedAt: new Date(), durationMs: 1, workerId: 'lost' } as const

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
