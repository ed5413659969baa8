import { createPostgresBackend, type PgPool, type Processor, Queue, runMigrations, Worker, withBackend } from 'bullmq'
import pg from 'pg'
import { withAttemptRows } from './attempt-rows.ts'
import { A_MOMENT, openConnections } from './connections.ts'
import { type Send, sender } from './send.ts'
import {
  CHANNEL,
  expectCount,
  idsOf,
  type JobData,
  jobOf,
  type OpenSystem,
  type Range,
  type System,
  type Terms,
} from './system.ts'

interface WorkerSettings {
  concurrency: number
  autorun: false
}

/** A worker, whatever its backend. */
interface AnyWorker {
  on(event: 'error', listener: (error: Error) => void): unknown
  run(): Promise<unknown>
  waitUntilReady(): Promise<unknown>
  close(): Promise<void>
}

/** Where BullMQ keeps its jobs. */
interface Backend {
  queue: Pick<Queue<JobData>, 'add' | 'addBulk' | 'getJobCounts' | 'close'>
  worker(process: Processor<JobData>, settings: WorkerSettings): AnyWorker
  install(): Promise<void>
  connect(): Promise<void>
  close(): Promise<void>
}

export const openBullmq: OpenSystem = async (terms) => open(terms, sender(terms), onRedis(terms))
export const openBullmqPostgres: OpenSystem = async (terms) => open(terms, sender(terms), onPostgres(terms))
export const openBullmqAttempts = withAttemptRows(async (terms, send) => open(terms, send, onPostgres(terms)))

function onRedis({ redisPort }: Terms): Backend {
  if (redisPort === null) throw new Error('BullMQ needs a Redis')
  const connection = { host: '127.0.0.1', port: redisPort, maxRetriesPerRequest: null }
  const queue = new Queue<JobData>(CHANNEL, { connection })
  return {
    queue,
    worker: (process, settings) => new Worker(CHANNEL, process, { connection, ...settings }),
    install: () => queue.waitUntilReady().then(() => {}),
    connect: async () => {},
    close: async () => {},
  }
}

/** Its backend for Postgres, new in version 6, as it is set up by itself but for the pool, whose connections can be opened. */
function onPostgres({ databaseUrl }: Terms): Backend {
  const classes = withBackend(createPostgresBackend)
  const pool = new pg.Pool({ connectionString: databaseUrl, options: '-c search_path=bullmq' })
  const connection = pool as unknown as PgPool
  let queue: Backend['queue'] | undefined
  return {
    // It looks for its tables as soon as it is there.
    get queue() {
      queue ??= new classes.Queue<JobData>(CHANNEL, { connection })
      return queue
    },
    worker: (process, settings) => new classes.Worker<JobData>(CHANNEL, process, { connection, ...settings }),
    async install() {
      const client = await pool.connect()
      await runMigrations(client)
      client.release()
    },
    connect: () => openConnections(() => pool.query(A_MOMENT)),
    close: () => pool.end(),
  }
}

function open(terms: Terms, send: Send, backend: Backend): System {
  // Finished jobs are removed, as the peers do it.
  const again = { attempts: 5, backoff: { type: 'fixed', delay: terms.retryAfterMs ?? 0 } }
  const options = { removeOnComplete: true, ...again }
  let worker: AnyWorker | undefined
  const readyWorker = async () => {
    if (worker) return worker
    const settings = { concurrency: terms.concurrency, autorun: false } as const
    worker = backend.worker((job) => send(job.data, String(job.id)), settings)
    worker.on('error', (error) => console.error(error))
    await worker.waitUntilReady()
    return worker
  }
  return {
    install: () => backend.install(),
    spawn: (id) => backend.queue.add(CHANNEL, jobOf(terms, id), options),
    spawnMany: (range: Range) =>
      backend.queue.addBulk(idsOf(range).map((id) => ({ name: CHANNEL, data: jobOf(terms, id), opts: options }))),
    async connect() {
      await readyWorker()
      await backend.connect()
    },
    async start() {
      const started = await readyWorker()
      started.run().catch((error) => console.error(error))
    },
    async stop() {
      await worker?.close()
      worker = undefined
    },
    async verify(_done, left) {
      const counts = await backend.queue.getJobCounts('waiting', 'active', 'delayed', 'failed')
      expectCount(
        'jobs that are left',
        Object.values(counts).reduce((sum, count) => sum + count, 0),
        left,
      )
    },
    async close() {
      await backend.queue.close()
      await backend.close()
    },
  }
}
