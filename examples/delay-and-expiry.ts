// Requests that are not sent before a time, and requests that expire.
// In an app: import { RequestFailedError, Requeuest } from 'requeuest'
import { RequestFailedError, Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const requeuest = new Requeuest(prisma, { network })
await requeuest.start({ channels: ['reminders'] })

const later = await requeuest.spawn('reminders', `${receiver}/later`, { delay: '1s' })
const notBefore = new Date(Date.now() + 500)
const atTime = await requeuest.spawn('reminders', `${receiver}/at-time`, { runAt: notBefore })
await Promise.all([later, atTime].map((id) => requeuest.waitFor(id)))

const delayed = await prisma.httpRequest.findUniqueOrThrow({ where: { id: later }, include: { attempts: true } })
const waitedMs = Number(delayed.attempts[0]?.startedAt) - Number(delayed.createdAt)
console.log('sent after a second:', waitedMs >= 1000)
console.log('sent not before:', Number((await requeuest.find(atTime))?.attempts[0]?.startedAt) >= Number(notBefore))

// The retry would come after the expiry, so the request fails at once.
const backoff = { base: '1m', jitter: 'none' } as const
const expiring = await requeuest.spawn('reminders', `${receiver}/broken`, { expiresAfter: '30s', retry: { backoff } })
await requeuest.waitFor(expiring).catch((error) => {
  if (!(error instanceof RequestFailedError)) throw error
  console.log(`given up: ${error.failureCode}`)
})

// Expires before it is due: nothing is ever sent.
const late = { delay: '1m', expiresAt: new Date(Date.now() + 100) } as const
const unsent = await requeuest.spawn('reminders', `${receiver}/unsent`, late)
await requeuest.waitFor(unsent).catch((error) => {
  if (!(error instanceof RequestFailedError)) throw error
  console.log(`given up unsent: ${error.failureCode}`)
})

await requeuest.stop()
await prisma.$disconnect()
