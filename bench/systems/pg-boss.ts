import { type Job, PgBoss } from 'pg-boss'
import { withAttemptRows } from './attempt-rows.ts'
import { A_MOMENT, openConnections } from './connections.ts'
import { limited } from './limited.ts'
import { type Send, sender } from './send.ts'
import { CHANNEL, expectCount, idsOf, type JobData, jobOf, type OpenSystem, type System, type Terms } from './system.ts'

/** The best of those that were tried on the drain. Half a second is the shortest poll that it takes. */
const TUNED = {
  batchSize: 500,
  localConcurrency: 2,
  perJobResults: true,
  burstWhenBatchFull: true,
  pollingIntervalSeconds: 0.5,
  notifyPollingIntervalSeconds: 0.5,
} as const

/** A batch is done when the slowest of its jobs is, so where some receivers are silent there have to be many small ones. */
const TUNED_FOR_MANY = { ...TUNED, batchSize: 10, localConcurrency: 100 } as const

export const openPgBoss: OpenSystem = (terms) => openTuned(terms, sender(terms))
export const openPgBossAttempts = withAttemptRows(openTuned)

async function openTuned(terms: Terms, send: Send): Promise<System> {
  const { boss, system } = await open(terms, true)
  return {
    ...system,
    async start() {
      const limitedSend = limited(({ data, id }: Job<JobData>) => send(data, id), terms.concurrency)
      const tuned = terms.origins.length === 1 ? TUNED : TUNED_FOR_MANY
      await boss.work<JobData>(CHANNEL, tuned, (jobs) => Promise.all(jobs.map((job) => settle(job, limitedSend))))
    },
  }
}

/** One job at a time for each of as many workers, as its documentation begins. */
export const openPgBossDefault: OpenSystem = async (terms) => {
  const { boss, system } = await open(terms, false)
  const send = sender(terms)
  return {
    ...system,
    async start() {
      await boss.work<JobData>(CHANNEL, { localConcurrency: terms.concurrency }, async ([job]) => {
        if (job) await send(job.data, job.id)
      })
    },
  }
}

async function settle(job: Job<JobData>, send: (job: Job<JobData>) => Promise<void>) {
  try {
    await send(job)
    return { id: job.id, status: 'completed' as const }
  } catch {
    return { id: job.id, status: 'failed' as const }
  }
}

async function open(terms: Terms, notify: boolean): Promise<{ boss: PgBoss; system: Omit<System, 'start'> }> {
  const boss = new PgBoss({ connectionString: terms.databaseUrl, useListenNotify: notify })
  boss.on('error', (error) => console.error(error))
  await boss.start()
  const system: Omit<System, 'start'> = {
    install: () => boss.createQueue(CHANNEL, { notify, retryLimit: 5, retryDelay: (terms.retryAfterMs ?? 0) / 1000 }),
    spawn: (id) => boss.send(CHANNEL, jobOf(terms, id)),
    spawnMany: (range) =>
      boss.insert(
        CHANNEL,
        idsOf(range).map((id) => ({ data: jobOf(terms, id) })),
      ),
    connect: () => openConnections(() => boss.getDb().executeSql(A_MOMENT)),
    stop: () => boss.offWork(CHANNEL, { wait: true }),
    async verify(done) {
      const { rows } = await boss
        .getDb()
        .executeSql("SELECT count(*)::int AS count FROM pgboss.job WHERE state = 'completed'")
      expectCount('completed jobs', rows[0].count, done)
    },
    close: () => boss.stop({ graceful: false }),
  }
  return { boss, system }
}
