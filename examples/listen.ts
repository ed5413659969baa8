// A worker that hears of what another process spawns, instead of finding it when it next looks.
// In an app: import { Requeuest } from 'requeuest'
import { Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const worker = new Requeuest(prisma, { network })
worker.on('error', (error) => console.error(error.message))
// It listens on a connection of its own, made as the adapter's pool makes its connections. Behind PgBouncer it needs another one,
// which leads to Postgres itself: `listen: () => new pg.Client({ connectionString, keepAlive: true })`.
await worker.start({ channels: ['mail'] })

// Elsewhere: an instance that tells of what it spawns.
const spawner = new Requeuest(prisma, { network })
const id = await spawner.spawn('mail', `${receiver}/mail`)
console.log('answer', (await spawner.waitFor(id)).status)

await worker.stop()
await prisma.$disconnect()
