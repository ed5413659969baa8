// A row created with Prisma is a spawn, too: every column but two has a default.
// In an app: import { Requeuest } from 'requeuest'
import { Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

// Nested in a model of the app:
//   prisma.order.create({ data: { total: 9900, request: { create: { channel: 'signups', url } } } })
const plain = await prisma.httpRequest.create({ data: { channel: 'signups', url: `${receiver}/hello` } })

const full = await prisma.httpRequest.create({
  data: {
    channel: 'signups',
    method: 'POST',
    url: `${receiver}/accounts`,
    headers: [['content-type', 'application/json']],
    body: Buffer.from('{"name":"ada"}'),
    accept: ['2xx', '409'],
    maxAttempts: 5,
  },
})
// Only the worker checks whether such a row can be sent. An invalid row fails at its first attempt, with the reason.
const wrong = await prisma.httpRequest.create({ data: { channel: 'signups', url: 'mailto:ada@example.com' } })

const requeuest = new Requeuest(prisma, { network })
await requeuest.start({ channels: ['signups'] })
for (const { id } of [plain, full]) console.log('delivered', (await requeuest.waitFor(id)).json())
await requeuest.waitFor(wrong.id).catch((error) => console.log(error.failureCode))
console.log((await requeuest.find(wrong.id))?.attempts[0]?.errorMessage)

await requeuest.stop()
await prisma.$disconnect()
