// A worker that hears of what another process spawns, instead of finding it when it next looks.
// In an app: import { Requeuest } from 'requeuest'
import pg from 'pg'
import { Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const worker = new Requeuest(prisma, { network })
worker.on('error', (error) => console.error(error.message))
// A connection of its own, which has to lead to Postgres itself. Without `keepAlive` a dead network may go unnoticed.
const listen = () => new pg.Client({ connectionString: process.env['DATABASE_URL'], keepAlive: true })
await worker.start({ channels: ['mail'], listen })

// Elsewhere: an instance that says when it has spawned something.
const spawner = new Requeuest(prisma, { network, notify: true })
const id = await spawner.spawn('mail', `${receiver}/mail`)
console.log('answer', (await spawner.waitFor(id)).status)

await worker.stop()
await prisma.$disconnect()
