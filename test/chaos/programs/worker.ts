import { setTimeout as sleep } from 'node:timers/promises'
import type { WorkerNote } from '../lab/history.ts'
import { openLog } from '../lab/log.ts'
import { connect, leave } from './program.ts'
import { REQUESTS_AT_ONCE } from './script.ts'

/** A worker's process. Its log holds what it could not do, and when it found out. */
const { prisma, requeuest } = connect()
const note = openLog<WorkerNote>(process.env['LAB_LOG'] as string)
// Its Date may be wrong; what performance has noted at the start is not.
requeuest.on('error', (error) => note({ error: error.message, at: performance.timeOrigin + performance.now() }))

process.once('SIGTERM', async () => {
  await requeuest.stop()
  await leave(prisma)
})

for (let started = false; !started; ) {
  // The database may be down at this moment, as it may be for any process that is being deployed.
  started = await requeuest.start({ channels: 'all', concurrency: 2 * REQUESTS_AT_ONCE }).then(
    () => true,
    () => sleep(100, false),
  )
}
process.stdout.write('started\n')
