// A request that is rendered when it is sent, from current rows, with a token that is never stored.
// In an app: import { http, Requeuest } from 'requeuest'
import { http, Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const requeuest = new Requeuest(prisma, { network })

// Register the renderer where a worker runs. `tx` is read-only; this example has no tables of its own, so it reads the library's.
requeuest.renderer<{ customer: string }>('statement', async ({ tx, args }) => {
  const open = await tx.httpRequest.count({ where: { channel: args.customer, state: 'pending' } })
  const headers = { authorization: `Bearer ${process.env['RECEIVER_TOKEN'] ?? 'token'}` }
  return http.post(`${receiver}/statements/${args.customer}`, { headers, json: { open } })
})

// Spawn in any process, in your transaction. Only the arguments are stored.
const id = await prisma.$transaction((tx) =>
  requeuest.spawn('statements', { render: 'statement', args: { customer: 'ada' } }, { tx }),
)
await requeuest.spawnMany('ada', [`${receiver}/orders/1`, `${receiver}/orders/2`])

await requeuest.start({ channels: ['statements'] })
console.log('answer', (await requeuest.waitFor(id)).text())
await requeuest.stop()

const row = await prisma.httpRequest.findUniqueOrThrow({ where: { id } })
console.log('stored:', row.url, new TextDecoder().decode(row.body ?? undefined))
const { method, url, headers, bodySize } = (await requeuest.find(id))?.attempts[0]?.rendered ?? {}
console.log('made:', method, url?.replace(receiver, ''), headers?.[0], `${bodySize} bytes`)

await requeuest.clear({ channel: 'ada' })
await prisma.$disconnect()
