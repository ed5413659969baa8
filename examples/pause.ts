// Pausing a channel and a receiver from a process without a worker.
// In an app: import { Requeuest } from 'requeuest'
import { Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const worker = new Requeuest(prisma, { network })
await worker.start({ channels: ['billing', 'mail'] })

const admin = new Requeuest(prisma, { network })
console.log(await admin.pause({ channel: 'billing' }))
const invoice = await admin.spawn('billing', `${receiver}/invoices`)
await admin.spawnReturning('mail', `${receiver}/mails`)
console.log('the invoice is', (await admin.find(invoice))?.state)

await admin.pause({ origin: receiver })
console.log('resumed:', await admin.resume({ channel: 'billing' }))
const waited = admin.waitFor(invoice, { timeout: '300ms' })
await waited.catch((error) => console.log(`its receiver is paused: ${error.code}`))

console.log('resumed:', await admin.resume({ origin: receiver }))
await admin.waitFor(invoice)
console.log('the invoice is', (await admin.find(invoice))?.state)

await worker.stop()
await prisma.$disconnect()
