// What to watch in production: queries whose answers should be empty or small. docs/production.md says what each means.
// In an app: import { Requeuest } from 'requeuest'
import { Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const requeuest = new Requeuest(prisma, { network, retry: { maxAttempts: 1 } })
await requeuest.start({ channels: ['orders'] })
const order = { key: 'account-7', afterFailure: 'hold' } as const
const id = await requeuest.spawn('orders', `${receiver}/broken`, { order })
await requeuest.waitFor(id).catch(() => {})
await requeuest.spawn('mail', `${receiver}/mail`, { runAt: new Date(Date.now() - 600_000) })
await requeuest.pause({ origin: receiver })

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000)
const late = await prisma.httpRequest.groupBy({
  by: ['channel'],
  where: { state: 'pending', blocked: false, runAt: { lt: minutesAgo(5) } },
  _count: true,
})
const failed = await prisma.httpRequest.groupBy({
  by: ['channel', 'failureCode'],
  where: { state: 'failed', finishedAt: { gte: minutesAgo(60) } },
  _count: true,
})
const orphaned = await prisma.httpRequest.count({ where: { state: 'claimed', leaseUntil: { lt: minutesAgo(1) } } })
const unhandled = await prisma.httpRequest.count({ where: { handlerErrors: { gt: 0 } } })
const held = await prisma.httpLine.findMany({ where: { heldById: { not: null } } })
const limits = await prisma.httpLimit.findMany({
  where: { OR: [{ pausedAt: { not: null } }, { breaker: { not: 'closed' } }] },
})
const schedules = await prisma.httpSchedule.findMany({ where: { problem: { not: null } } })

console.log('late:', late.map((group) => `${group.channel} ${group._count}`).join())
console.log('failed:', failed.map((group) => `${group.channel} ${group.failureCode} ${group._count}`).join())
console.log('orphaned, unhandled, held:', orphaned, unhandled, held.map((line) => line.orderKey).join())
console.log('limits, schedules:', limits.length, schedules.length)

await requeuest.stop()
await prisma.$disconnect()
