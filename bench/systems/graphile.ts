import { Logger, makeWorkerUtils, type Runner, run } from 'graphile-worker'
import pg from 'pg'
import { send } from './send.ts'
import { CHANNEL, expectCount, idsOf, type JobData, jobOf, type OpenSystem, type Terms } from './system.ts'

/** The best of those that were tried on the drain; stronger than the example in its documentation (500, 0, 0). */
const TUNED: GraphileConfig.WorkerOptions = {
  localQueue: { size: 5000 },
  completeJobBatchDelay: 20,
  failJobBatchDelay: 20,
}

export const openGraphile: OpenSystem = (terms) => open(terms, TUNED)
export const openGraphileDefault: OpenSystem = (terms) => open(terms, {})

const open = async (terms: Terms, worker: GraphileConfig.WorkerOptions) => {
  // It would print two lines for each job.
  const logger = new Logger(() => (level, message) => {
    if (level === 'error' && !terms.retryAtOnce) console.error(message)
  })
  const common = { connectionString: terms.databaseUrl, preset: { worker }, logger }
  const utils = await makeWorkerUtils(common)
  let runner: Runner | undefined
  return {
    install: () => utils.migrate(),
    spawn: (id: number) => utils.addJob(CHANNEL, jobOf(terms, id)),
    spawnMany: (range: { from: number; count: number }) =>
      utils.addJobs(idsOf(range).map((id) => ({ identifier: CHANNEL, payload: jobOf(terms, id) }))),
    async start() {
      const taskList = { [CHANNEL]: (payload: unknown) => send(payload as JobData) }
      runner = await run({ ...common, concurrency: terms.concurrency, taskList, noHandleSignals: true })
    },
    stop: async () => runner?.stop(),
    async verify() {
      const client = new pg.Client(terms.databaseUrl)
      await client.connect()
      const { rows } = await client.query('SELECT count(*)::int AS count FROM graphile_worker._private_jobs')
      await client.end()
      expectCount('jobs that are left', rows[0].count, 0)
    },
    close: async () => utils.release(),
  }
}
