import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from './program.ts'

/** A worker's process. */
const { prisma, requeuest } = connect()

process.once('SIGTERM', async () => {
  await requeuest.stop()
  await prisma.$disconnect()
})

for (let started = false; !started; ) {
  // The database may be down at this moment, as it may be for any process that is being deployed.
  started = await requeuest.start({ channels: 'all', concurrency: 10 }).then(
    () => true,
    () => sleep(100, false),
  )
}
process.stdout.write('started\n')
