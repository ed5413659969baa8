// Requests that are sent one after another, a failure that holds the line, and its release.
// In an app: import { RequestFailedError, Requeuest } from 'requeuest'
import { RequestFailedError, Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const requeuest = new Requeuest(prisma, { network, retry: { maxAttempts: 2, backoff: { base: '50ms' } } })
const held = { order: { key: 'account-7', afterFailure: 'hold' } } as const

// The second of four always fails; the requests behind it must not overtake it.
const first = await requeuest.spawn('ledger', `${receiver}/entries/1`, held)
const broken = await requeuest.spawn('ledger', `${receiver}/broken/2`, held)
const third = await requeuest.spawn('ledger', `${receiver}/entries/3`, held)
const fourth = await requeuest.spawn('ledger', `${receiver}/entries/4`, held)
const unordered = await requeuest.spawn('ledger', `${receiver}/unordered`)

await requeuest.start({ channels: ['ledger'] })
await Promise.all([requeuest.waitFor(first), requeuest.waitFor(unordered)])
await requeuest.waitFor(broken).catch((error) => {
  if (!(error instanceof RequestFailedError)) throw error
  console.log('failed:', error.failureCode)
})

for (const line of await prisma.httpLine.findMany({ where: { heldById: { not: null } } })) {
  console.log(`held: ${line.channel}/${line.orderKey}, by the failed request: ${line.heldById === broken}`)
}
console.log('third waits in line:', (await requeuest.find(third))?.blocked)
console.log('released:', await requeuest.release({ channel: 'ledger', key: 'account-7' }))
await Promise.all([third, fourth].map((id) => requeuest.waitFor(id)))
console.log('the rest was delivered')

await requeuest.stop()
await prisma.$disconnect()
