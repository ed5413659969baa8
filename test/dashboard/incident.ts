import { setTimeout as sleep } from 'node:timers/promises'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import type { Requeuest } from '../../src/index.ts'
import { startReceiver } from '../support/receiver.ts'

/** What an incident leaves behind for the pages to show. */
export interface Incident extends AsyncDisposable {
  /** Origins of the receivers: one that is well, one that refuses, one that is slow. */
  well: string
  refusing: string
  slow: string
  /** Lets the one that refuses answer well from now on. */
  recover(): void
}

/**
 * Makes what operators see at night: one receiver that answers, one that refuses everything and has an open breaker, a slow one
 * that is limited, a held line, a paused channel that nobody serves, schedules, and two workers' rows.
 */
export async function stageIncident(prisma: PrismaClient, requeuest: Requeuest): Promise<Incident> {
  const well = await startReceiver(() => ({ body: '{"ok":true}', headers: { 'content-type': 'application/json' } }))
  let isDown = true
  const refusing = await startReceiver(() => (isDown ? { status: 503, body: '{"error":"maintenance"}' } : {}))
  const slow = await startReceiver(() => sleep(40).then(() => ({})))
  const post = (origin: string, index: number) => ({
    method: 'POST',
    url: `${origin}/orders/${index}?token=a-secret`,
    headers: { authorization: 'Bearer a-secret', 'content-type': 'application/json' },
    body: JSON.stringify({ order: index, items: [{ sku: 'A-1', count: 2 }] }),
  })
  const many = (count: number, origin: string) => Array.from({ length: count }, (_, index) => post(origin, index))

  await requeuest.setLimits({ origin: slow.url }, { concurrency: 4 })
  await requeuest.schedule('nightly-report', {
    cron: '30 2 * * *',
    timezone: 'Europe/Berlin',
    channel: 'reports',
    request: { url: `${well.url}/report` },
  })
  await requeuest.schedule('heartbeat', { cron: '*/5 * * * *', channel: 'health', request: { url: `${well.url}/` } })
  await requeuest.pauseSchedule('heartbeat')
  await requeuest.start({ channels: ['orders', 'billing', 'mail'], concurrency: 20 })
  await requeuest.spawnMany('orders', many(300, well.url))
  await requeuest.spawnMany('mail', many(60, slow.url))
  await requeuest.spawn('billing', post(refusing.url, 900), {
    order: { key: 'customer-7', afterFailure: 'hold' },
    retry: { maxAttempts: 1 },
  })
  await requeuest.spawnMany('billing', many(3, refusing.url), { order: { key: 'customer-7' } })
  // Before the breaker opens.
  await until(async () => (await prisma.httpLine.count({ where: { heldById: { not: null } } })) === 1)
  // Nobody listens there.
  await requeuest.spawnMany('billing', many(3, 'http://127.0.0.1:9'), { retry: { maxAttempts: 1 } })
  await requeuest.spawnMany('billing', many(25, refusing.url), { retry: { maxAttempts: 2 } })
  const left = (channel: string) =>
    prisma.httpRequest.count({ where: { channel, state: { in: ['pending', 'claimed'] } } })
  await until(async () => (await left('orders')) + (await left('mail')) === 0)
  await requeuest.pause({ channel: 'exports' })
  await requeuest.spawnMany('exports', many(12, well.url))
  await requeuest.spawnMany('invoices', many(40, well.url))
  await requeuest.spawnMany('orders', many(8, well.url), { delay: '2h' })
  return {
    well: well.url,
    refusing: refusing.url,
    slow: slow.url,
    recover: () => {
      isDown = false
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([well.stop(), refusing.stop(), slow.stop()])
    },
  }
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await sleep(20)
}
