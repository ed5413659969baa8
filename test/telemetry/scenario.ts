import { vi } from 'vitest'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { http, type Requeuest } from '../../src/index.ts'
import { endLeases, nextEvent } from '../support/factory.ts'
import { createRequeuest, receiverOf } from '../support/fixture.ts'

/** Has happen, once or more, all that is measured. The instance is started, and its worker runs. */
export async function haveAllHappen(prisma: PrismaClient, requeuest: Requeuest): Promise<{ origin: string }> {
  let answer = () => {}
  const answered = new Promise<void>((resolve) => {
    answer = resolve
  })
  const receiver = await receiverOf(async ({ url }) => {
    if (url === '/slow') await answered
    return { status: url === '/slow' ? 503 : Number(url.slice(1)) || 200 }
  })
  requeuest.on('error', () => {})
  requeuest.onSettled('handled', async () => {
    throw new Error('the handler is broken')
  })
  await requeuest.start({ channels: ['a', 'handled', 'held', 'slow'], concurrency: 7 })
  await requeuest.spawnReturning('a', http.get(`${receiver.url}/200`))
  await requeuest.spawnMany('a', [`${receiver.url}/204`, `${receiver.url}/503`], { retry: { maxAttempts: 1 } })
  const failed = nextEvent<{ channel: string }>(requeuest, 'failed', ({ channel }) => channel === 'held')
  await requeuest.spawn('held', `${receiver.url}/404`, {
    order: { key: 'line', afterFailure: 'hold' },
    retry: { onStatus: { '4xx': 'fail' } },
  })
  await failed
  const broken = nextEvent<{ code: string }>(requeuest, 'error', ({ code }) => code === 'handler_failed')
  await requeuest.spawn('handled', `${receiver.url}/200`)
  await broken

  // Its lease ends while it is being sent.
  const rescued = nextEvent(requeuest, 'rescued')
  const lost = nextEvent(requeuest, 'claimLost')
  await requeuest.spawn('slow', `${receiver.url}/slow`)
  await vi.waitUntil(() => receiver.requests.some(({ url }) => url === '/slow'))
  await requeuest.pause({ channel: 'slow' })
  await endLeases(prisma)
  await rescued
  answer()
  await lost

  const other = createRequeuest(prisma)
  await other.spawnMany('slow', [receiver.url, { request: receiver.url, options: { delay: '1h' } }])
  return { origin: receiver.url }
}
