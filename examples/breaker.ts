// A circuit breaker stops sending to a receiver that fails, and resumes when it has recovered.
// In an app: import { Requeuest } from 'requeuest'
import { Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const breaker = { minRequests: 5, openFor: '500ms' } as const
const requeuest = new Requeuest(prisma, { network, breaker, retry: { backoff: { base: '100ms' } } })
const opened = new Promise<void>((resolve) => {
  requeuest.on('breakerOpened', () => resolve())
})
const closed = new Promise<void>((resolve) => {
  requeuest.on('breakerClosed', () => resolve())
})

await requeuest.spawnMany('billing', Array(50).fill(`${receiver}/ill-for-a-second`))
await requeuest.start({ channels: ['billing'] })
await opened
console.log('opened')
const [origin] = await prisma.httpLimit.findMany()
console.log('its requests wait:', origin?.breaker === 'open' && origin.openUntil !== null)
await closed
console.log('closed')
const ids = await prisma.httpRequest.findMany({ select: { id: true } })
await Promise.all(ids.map(({ id }) => requeuest.waitFor(id)))
console.log('all 50 are delivered')

await requeuest.stop()
await prisma.$disconnect()
