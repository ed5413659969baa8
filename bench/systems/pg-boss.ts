import { type Job, PgBoss } from 'pg-boss'
import { limited } from './limited.ts'
import { send } from './send.ts'
import { CHANNEL, expectCount, idsOf, type JobData, jobOf, type OpenSystem, type Range, type Terms } from './system.ts'

/** The best of those that were tried on the drain. Half a second is the shortest poll that it takes. */
const TUNED = {
  batchSize: 500,
  localConcurrency: 2,
  perJobResults: true,
  burstWhenBatchFull: true,
  pollingIntervalSeconds: 0.5,
  notifyPollingIntervalSeconds: 0.5,
} as const

export const openPgBoss: OpenSystem = async (terms) => {
  const { boss, system } = await open(terms, true)
  return {
    ...system,
    async start() {
      const limitedSend = limited(send, terms.concurrency)
      await boss.work<JobData>(CHANNEL, TUNED, (jobs) => Promise.all(jobs.map((job) => settle(job, limitedSend))))
    },
  }
}

/** One job at a time for each of as many workers, as its documentation begins. */
export const openPgBossDefault: OpenSystem = async (terms) => {
  const { boss, system } = await open(terms, false)
  return {
    ...system,
    async start() {
      await boss.work<JobData>(CHANNEL, { localConcurrency: terms.concurrency }, async ([job]) => {
        if (job) await send(job.data)
      })
    },
  }
}

async function settle({ id, data }: Job<JobData>, send: (data: JobData) => Promise<void>) {
  try {
    await send(data)
    return { id, status: 'completed' as const }
  } catch {
    return { id, status: 'failed' as const }
  }
}

async function open(terms: Terms, notify: boolean) {
  const boss = new PgBoss({ connectionString: terms.databaseUrl, useListenNotify: notify })
  boss.on('error', (error) => console.error(error))
  await boss.start()
  const system = {
    install: () => boss.createQueue(CHANNEL, { notify, retryLimit: 5, retryDelay: 0 }),
    spawn: (id: number) => boss.send(CHANNEL, jobOf(terms, id)),
    spawnMany: (range: Range) =>
      boss.insert(
        CHANNEL,
        idsOf(range).map((id) => ({ data: jobOf(terms, id) })),
      ),
    stop: () => boss.offWork(CHANNEL, { wait: true }),
    async verify(done: number) {
      const { rows } = await boss
        .getDb()
        .executeSql("SELECT count(*)::int AS count FROM pgboss.job WHERE state = 'completed'")
      expectCount('completed jobs', rows[0].count, done)
    },
    close: () => boss.stop({ graceful: false }),
  }
  return { boss, system }
}
