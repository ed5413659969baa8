// Cancelling, rescheduling and retargeting requests in the transaction of the change that requires it.
// In an app: import { http, Requeuest } from 'requeuest'
import { http, Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const requeuest = new Requeuest(prisma, { network })
const inAWeek = { delay: '7d' } as const
const [reminder = '', invoice = '', report = ''] = await requeuest.spawnMany(
  'orders',
  ['reminders', 'invoices', 'reports'].map((name) => http.post(`${receiver}/${name}`, { json: { order: 17 } })),
  inAWeek,
)

// Deletes the order and cancels its reminder, both or neither.
await prisma.$transaction(async (tx) => {
  console.log(await requeuest.cancel(reminder, { tx }))
})

const paid = prisma.$transaction(async (tx) => {
  await requeuest.reschedule(invoice, new Date(), { tx })
  throw new Error('the payment bounced')
})
await paid.catch((error: Error) => console.log('rolled back:', error.message))
console.log('still due in a week:', Number((await requeuest.find(invoice))?.runAt) > Date.now() + 6 * 86_400_000)

await prisma.$transaction(async (tx) => {
  await requeuest.retarget(report, { url: `${receiver}/archive`, headers: { 'x-reason': 'moved' } }, { tx })
  console.log(await requeuest.reschedule(report, new Date(), { tx }))
})
await requeuest.start({ channels: ['orders'] })
console.log(`${(await requeuest.waitFor(report)).json<{ path: string }>().path} has it`)

// Cancels all requests of a customer, by a condition instead of an id.
console.log(await requeuest.cancel({ channel: 'orders', url: { contains: '/invoices' } }))
await requeuest.stop()
await prisma.$disconnect()
