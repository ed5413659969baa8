// One request per key: what happens when a key is spawned again.
// In an app: import { DuplicateRequestError, http, Requeuest } from 'requeuest'
import { DuplicateRequestError, http, Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const requeuest = new Requeuest(prisma, { network })
const invoice = (cents: number) => http.put(`${receiver}/invoices/17`, { json: { cents } })

// An event may arrive twice. The second spawn changes nothing, also within your transaction.
const id = await requeuest.spawn('billing', invoice(100), { dedupe: { key: 'order-17' } })
await prisma.$transaction(async (tx) => {
  const again = await requeuest.spawn('billing', invoice(100), { tx, dedupe: { key: 'order-17' } })
  console.log('kept:', again === id)
})

// The latest content wins: a request without an attempt is replaced.
const latest = { dedupe: { key: 'order-17', onDuplicate: 'replace' } } as const
console.log('replaced:', (await requeuest.spawn('billing', invoice(250), latest)) === id)

// Throws if the key is taken.
await requeuest.spawn('billing', invoice(1), { dedupe: { key: 'order-17', onDuplicate: 'error' } }).catch((error) => {
  if (!(error instanceof DuplicateRequestError)) throw error
  console.log('refused:', error.code, error.requestId === id)
})

await requeuest.start({ channels: ['billing'] })
await requeuest.waitFor(id)

// The request is delivered and still holds its key. A key with a window is free when the window ends.
console.log('sent once:', (await requeuest.spawn('billing', invoice(9), { dedupe: { key: 'order-17' } })) === id)
const daily = { dedupe: { key: 'digest', for: '1d' } } as const
const [today, alsoToday] = [
  await requeuest.spawn('billing', receiver, daily),
  await requeuest.spawn('billing', receiver, daily),
]
console.log('once a day:', today === alsoToday)

await requeuest.stop()
await prisma.$disconnect()
