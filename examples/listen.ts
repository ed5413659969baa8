// A worker that is notified of spawns in another process, instead of finding them when it next polls.
// In an app: import { Requeuest } from 'requeuest'
import { Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const worker = new Requeuest(prisma, { network })
worker.on('error', (error) => console.error(error.message))
// It listens on its own connection, created like those of the adapter's pool. Behind PgBouncer it needs one that connects
// to Postgres directly: `listen: () => new pg.Client({ connectionString, keepAlive: true })`.
await worker.start({ channels: ['mail'] })

// In another process: an instance that notifies of its spawns, as all do by default.
const spawner = new Requeuest(prisma, { network })
const id = await spawner.spawn('mail', `${receiver}/mail`)
console.log('answer', (await spawner.waitFor(id)).status)

await worker.stop()
await prisma.$disconnect()
