// Cancelling requests that are not sent yet. A `waitFor()` of one rejects.
// In an app: import { Requeuest, RequestCancelledError } from 'requeuest'
import { RequestCancelledError, Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

// No worker is started: this instance only spawns.
const requeuest = new Requeuest(prisma, { network })
const urls = [1, 2, 3].map((number) => `${receiver}/newsletters/${number}`)
const [first = ''] = await requeuest.spawnMany('newsletters', urls)
await requeuest.spawn('invoices', `${receiver}/invoices/1`)

const waiting = requeuest.waitFor(first).catch((error) => {
  if (!(error instanceof RequestCancelledError)) throw error
  console.log('the waiter was told:', error.code)
})
console.log('cancelled:', await requeuest.clear({ channel: 'newsletters' }))
await waiting
console.log('cancelled:', await requeuest.clear({ channel: { in: ['newsletters', 'invoices'] } }))
console.log('left:', await prisma.httpRequest.count({ where: { state: 'pending' } }))

await prisma.$disconnect()
