// Sending failed requests again once the receiver is fixed: counted first, then in batches.
// In an app: import { type RequestFilter, Requeuest } from 'requeuest'
import { type RequestFilter, Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const requeuest = new Requeuest(prisma, { network, retry: { maxAttempts: 2, backoff: { base: '20ms' } } })
await requeuest.start({ channels: ['orders'] })
const urls = [1, 2, 3].map((number) => `${receiver}/broken/${number}`)
const ids = await requeuest.spawnMany('orders', urls)
await Promise.allSettled(ids.map((id) => requeuest.waitFor(id)))

// The receiver has moved.
for (const [index, id] of ids.entries()) await requeuest.retarget(id, { url: `${receiver}/mended/${index + 1}` })

const broken: RequestFilter = {
  channel: 'orders',
  state: 'failed',
  failureCode: 'attempts_exhausted',
  finishedAt: { gte: new Date(Date.now() - 3_600_000) },
  lastAttempt: { status: { gte: 500, lt: 600 } },
}
console.log('would be sent again:', await requeuest.redrive(broken, { dryRun: true }))
await requeuest.redrive(broken, { onProgress: (soFar) => console.log('so far:', soFar) })

for (const id of ids) await requeuest.waitFor(id)
const { attempts = [] } = (await requeuest.find(ids[0] ?? '')) ?? {}
console.log('attempts:', attempts.map(({ number, status }) => `${number}: ${status}`).join(', '))

// By ids that your own query found.
const rows = await prisma.httpRequest.findMany({ where: { state: 'failed', priority: 0 }, select: { id: true } })
console.log('urgent ones:', await requeuest.redrive({ id: { in: rows.map((row) => row.id) } }))

await requeuest.stop()
await prisma.$disconnect()
