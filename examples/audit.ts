// The history consists of rows: read it with the app's own Prisma client, typed, filtered and joined like any model.
// In an app: import { Requeuest } from 'requeuest'
import { Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const requeuest = new Requeuest(prisma, { network, retry: { maxAttempts: 2, backoff: { base: '20ms' } } })
const ids = await requeuest.spawnMany(
  'audit',
  ['/a', '/b', '/broken'].map((path) => receiver + path),
)
await requeuest.start({ channels: ['audit'] })
await Promise.allSettled(ids.map((id) => requeuest.waitFor(id)))

const states = await prisma.httpRequest.groupBy({ by: ['state'], _count: true, orderBy: { state: 'asc' } })
for (const { state, _count } of states) console.log(`${state}: ${_count}`)

// Every request that failed since yesterday, with its last attempt.
const failed = await prisma.httpRequest.findMany({
  where: { state: 'failed', finishedAt: { gte: new Date(Date.now() - 86_400_000) } },
  include: { attempts: { orderBy: { number: 'desc' }, take: 1 } },
})
for (const { url, failureCode, attemptCount, attempts } of failed) {
  console.log(`${new URL(url).pathname}: ${failureCode} after ${attemptCount}, last ${attempts[0]?.status}`)
}

// Attempts that a receiver rejected, whatever the state of their requests.
const refused = await prisma.httpAttempt.count({
  where: { outcome: 'rejected', status: { gte: 500 }, request: { url: { startsWith: receiver } } },
})
console.log(`refused attempts: ${refused}`)

await requeuest.stop()
await prisma.$disconnect()
