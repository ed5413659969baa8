// A completion handler, which runs in the transaction that records the final state.
// In an app: import { http, Requeuest } from 'requeuest'
import { setTimeout as sleep } from 'node:timers/promises'
import { Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

await prisma.$executeRaw`CREATE TABLE IF NOT EXISTS ledger (request_id text, entry text)`
const requeuest = new Requeuest(prisma, { network, retry: { backoff: { base: '20ms' }, maxAttempts: 2 } })

let runs = 0
requeuest
  .onSettled('billing', async ({ tx, request, attempt }) => {
    // The app writes its own rows here: `await tx.order.update(…)`.
    const entry = `${request.state} with ${attempt?.status} at attempt ${attempt?.number}`
    await tx.$executeRaw`INSERT INTO ledger VALUES (${request.id}, ${entry})`
    if (++runs === 1) throw new Error('the ledger is closed')
  })
  .on('error', ({ code, cause }) => console.log(`${code}: ${(cause as Error).message}`))

await requeuest.start({ channels: ['billing'] })
for (const path of ['/fine', '/broken']) {
  const id = await requeuest.spawn('billing', receiver + path)
  await requeuest.waitFor(id).catch((error) => console.log(error.code))
  while ((await prisma.httpRequest.count({ where: { handlerDueAt: { not: null } } })) > 0) await sleep(50)
  console.log(await prisma.$queryRaw`SELECT entry FROM ledger WHERE request_id = ${id}`)
}

await requeuest.stop()
await prisma.$disconnect()
