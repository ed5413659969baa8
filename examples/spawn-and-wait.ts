// Spawning a request and waiting for the accepted response, now or later, in this process or another.
// In an app: import { Requeuest, WaitTimeoutError } from 'requeuest'
import { Requeuest, WaitTimeoutError } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const requeuest = new Requeuest(prisma, { network })
await requeuest.start({ channels: ['quotes'] })

const response = await requeuest.spawnReturning('quotes', `${receiver}/quotes/17`)
const { path } = response.json<{ path: string }>()
console.log(response.status, response.headers.get('content-type'), path, `after ${response.attempts} attempt`)

// The wait times out; the request is not cancelled.
const id = await requeuest.spawn('quotes', `${receiver}/quotes/18`, { delay: '600ms' })
try {
  await requeuest.waitFor(id, { timeout: '50ms' })
} catch (error) {
  if (!(error instanceof WaitTimeoutError)) throw error
  console.log('not yet:', error.code)
}
console.log('later:', (await requeuest.waitFor(id, { signal: AbortSignal.timeout(10_000) })).text())

await requeuest.stop()
await prisma.$disconnect()
