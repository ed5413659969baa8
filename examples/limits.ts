// Limits on concurrency and on starts per second, across all processes.
// In an app: import { Requeuest } from 'requeuest'
import { Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const requeuest = new Requeuest(prisma, { network })
await requeuest.setLimits({ channel: 'reports' }, { concurrency: 1 })
await requeuest.setLimits({ origin: receiver }, { rate: { limit: 20, interval: '1s' } })
const ids = await requeuest.spawnMany('reports', Array(30).fill(`${receiver}/report`))

await requeuest.start({ channels: ['reports'] })
await Promise.all(ids.map((id) => requeuest.waitFor(id)))
const attempts = await prisma.httpAttempt.findMany({ orderBy: { startedAt: 'asc' } })
const tookMs = Number(attempts.at(-1)?.startedAt) - Number(attempts[0]?.startedAt)
console.log('30 requests took more than a second:', tookMs > 1000)

// Limits may change while the worker runs.
await requeuest.setLimits({ origin: receiver }, { rate: null })
console.log(await prisma.httpLimit.findMany({ where: { kind: 'origin' }, select: { rate: true, concurrency: true } }))
await requeuest.setLimits({ channel: 'reports' }, { concurrency: 0 }).catch((error) => console.log(error.message))

await requeuest.stop()
await prisma.$disconnect()
