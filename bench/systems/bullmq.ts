import { Queue, Worker } from 'bullmq'
import { send } from './send.ts'
import { CHANNEL, expectCount, idsOf, type JobData, jobOf, type OpenSystem, type Range } from './system.ts'

/** Finished jobs are removed, as the peers on Postgres do it; a job that fails is tried again at once. */
const JOB = { removeOnComplete: true, attempts: 5 }

export const openBullmq: OpenSystem = async (terms) => {
  if (terms.redisPort === null) throw new Error('BullMQ needs a Redis')
  const connection = { host: '127.0.0.1', port: terms.redisPort, maxRetriesPerRequest: null }
  const queue = new Queue<JobData>(CHANNEL, { connection })
  let worker: Worker<JobData> | undefined
  return {
    install: () => queue.waitUntilReady().then(() => {}),
    spawn: (id) => queue.add(CHANNEL, jobOf(terms, id), JOB),
    spawnMany: (range: Range) =>
      queue.addBulk(idsOf(range).map((id) => ({ name: CHANNEL, data: jobOf(terms, id), opts: JOB }))),
    async start() {
      worker = new Worker(CHANNEL, (job) => send(job.data), { connection, concurrency: terms.concurrency })
      worker.on('error', (error) => console.error(error))
      await worker.waitUntilReady()
    },
    stop: async () => worker?.close(),
    async verify() {
      const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'failed')
      expectCount(
        'jobs that are left',
        Object.values(counts).reduce((sum, count) => sum + count, 0),
        0,
      )
    },
    close: () => queue.close(),
  }
}
