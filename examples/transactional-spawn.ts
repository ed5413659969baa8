// A request that is part of the app's own transaction: it is sent if and only if that commits.
// In an app: import { http, Requeuest } from 'requeuest'
import { http, Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const requeuest = new Requeuest(prisma, { network })
await requeuest.start({ channels: ['billing'] })

const [invoice, mail] = await prisma.$transaction(async (tx) => {
  // The app writes its own rows here: `await tx.order.create(…)`.
  return [
    await requeuest.spawn('billing', http.post(`${receiver}/invoices`, { json: { order: 17 } }), { tx }),
    await requeuest.spawn('billing', http.post(`${receiver}/mails`, { json: { to: 'ada' } }), { tx }),
  ]
})
for (const id of [invoice, mail]) console.log('delivered', (await requeuest.waitFor(id)).json())

try {
  await prisma.$transaction(async (tx) => {
    await requeuest.spawn('billing', http.post(`${receiver}/never`), { tx })
    throw new Error('out of stock')
  })
} catch (error) {
  console.log('rolled back:', (error as Error).message)
}
console.log('requests in the database:', await prisma.httpRequest.count())

await requeuest.stop()
await prisma.$disconnect()
