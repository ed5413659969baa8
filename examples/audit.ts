// The history is rows: it is read with the app's own Prisma client, typed, filtered and joined as any model.
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

// Everything that was given up since yesterday, with its last try.
const failed = await prisma.httpRequest.findMany({
  where: { state: 'failed', finishedAt: { gte: new Date(Date.now() - 86_400_000) } },
  include: { attempts: { orderBy: { number: 'desc' }, take: 1 } },
})
for (const { url, failureCode, attemptCount, attempts } of failed) {
  console.log(`${new URL(url).pathname}: ${failureCode} after ${attemptCount}, last ${attempts[0]?.status}`)
}

// Tries that a receiver refused, whatever became of their requests.
const refused = await prisma.httpAttempt.count({
  where: { outcome: 'rejected', status: { gte: 500 }, request: { url: { startsWith: receiver } } },
})
console.log(`refused tries: ${refused}`)

await requeuest.stop()
await prisma.$disconnect()
