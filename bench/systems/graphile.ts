import { Logger, makeWorkerUtils, type Runner, run, type Task } from 'graphile-worker'
import pg from 'pg'
import { withAttemptRows } from './attempt-rows.ts'
import { A_MOMENT, openConnections } from './connections.ts'
import { type Send, sender } from './send.ts'
import { CHANNEL, expectCount, idsOf, type JobData, jobOf, type OpenSystem, type System, type Terms } from './system.ts'

/** The best of those that were tried on the drain; stronger than the example in its documentation (500, 0, 0). */
const TUNED: GraphileConfig.WorkerOptions = {
  localQueue: { size: 5000 },
  completeJobBatchDelay: 20,
  failJobBatchDelay: 20,
}

export const openGraphile: OpenSystem = (terms) => open(terms, sender(terms), TUNED)
export const openGraphileDefault: OpenSystem = (terms) => open(terms, sender(terms), {})
export const openGraphileAttempts = withAttemptRows((terms, send) => open(terms, send, TUNED))

const open = async (terms: Terms, send: Send, worker: GraphileConfig.WorkerOptions): Promise<System> => {
  // It would print two lines for each job.
  const logger = new Logger(() => (level, message) => {
    if (level === 'error' && terms.retryAfterMs === null) console.error(message)
  })
  const common = { preset: { worker }, logger }
  const utils = await makeWorkerUtils({ ...common, connectionString: terms.databaseUrl })
  // The same that it would make of the connection string, but there before the worker is.
  const pgPool = new pg.Pool({ connectionString: terms.databaseUrl })
  const sayError = (error: Error) => console.error(error)
  pgPool.on('error', sayError).on('connect', (client) => client.on('error', sayError))
  let runner: Runner | undefined
  return {
    install: () => utils.migrate(),
    spawn: (id) => utils.addJob(CHANNEL, jobOf(terms, id)),
    spawnMany: (range) => utils.addJobs(idsOf(range).map((id) => ({ identifier: CHANNEL, payload: jobOf(terms, id) }))),
    connect: () => openConnections(() => pgPool.query(A_MOMENT)),
    async start() {
      const task: Task = (payload, { job }) => send(payload as JobData, job.id)
      const taskList = { [CHANNEL]: task }
      runner = await run({ ...common, pgPool, concurrency: terms.concurrency, taskList, noHandleSignals: true })
    },
    stop: async () => runner?.stop(),
    async verify(_done, left) {
      const { rows } = await pgPool.query('SELECT count(*)::int AS count FROM graphile_worker._private_jobs')
      expectCount('jobs that are left', rows[0].count, left)
    },
    async close() {
      await utils.release()
      await pgPool.end()
    },
  }
}
