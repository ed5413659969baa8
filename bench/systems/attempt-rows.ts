import pg from 'pg'
import { A_MOMENT, openConnections } from './connections.ts'
import { agentFor, post, type Send, throwUnlessAccepted } from './send.ts'
import { expectCount, type OpenSystem, type System, type Terms } from './system.ts'

/** What Requeuest's own attempts hold, by the job and in the order of its attempts. */
const TABLE = `CREATE TABLE attempt (
  job text NOT NULL,
  started_at timestamptz NOT NULL,
  duration_ms int NOT NULL,
  outcome text NOT NULL,
  status smallint,
  headers jsonb,
  body bytea,
  body_size int,
  error text,
  PRIMARY KEY (job, started_at))`

const INSERT = {
  name: 'attempt',
  text: `INSERT INTO attempt (job, started_at, duration_ms, outcome, status, headers, body, body_size, error)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
}

/** The outcome of an attempt. */
interface Tried {
  outcome: string
  status: number | null
  headers: string | null
  body: Buffer | null
  error: string | null
}

/**
 * A peer whose user wants to know what was answered, and so inserts a row for every attempt before the job is done: with a
 * plain pool of `pg`, one row a statement, since each job is on its own.
 *
 * @param open - opens the peer that is to send in this way
 */
export function withAttemptRows(open: (terms: Terms, send: Send) => Promise<System>): OpenSystem {
  return async (terms) => {
    const pool = new pg.Pool({ connectionString: terms.databaseUrl })
    const system = await open(terms, recordingSender(terms, pool))
    return {
      ...system,
      async install() {
        await system.install()
        await pool.query(TABLE)
      },
      async connect() {
        await system.connect()
        await openConnections(() => pool.query(A_MOMENT))
      },
      async verify(done, left) {
        await system.verify(done, left)
        const { rows } = await pool.query("SELECT count(*)::int AS count FROM attempt WHERE outcome = 'accepted'")
        expectCount('accepted attempts', rows[0].count, done)
      },
      async close() {
        await system.close()
        await pool.end()
      },
    }
  }
}

function recordingSender(terms: Terms, pool: pg.Pool): Send {
  const agent = agentFor(terms)
  return async (data, job) => {
    const startedAt = new Date()
    const { outcome, status, headers, body, error } = await tryOnce(() => post(agent, data))
    const durationMs = Date.now() - startedAt.getTime()
    const size = body?.length ?? null
    const values = [job, startedAt, durationMs, outcome, status, headers, body, size, error]
    await pool.query({ ...INSERT, values })
    if (error !== null) throw new Error(error)
    throwUnlessAccepted(status as number)
  }
}

async function tryOnce(send: () => ReturnType<typeof post>): Promise<Tried> {
  try {
    const { statusCode, headers, body } = await send()
    return {
      outcome: statusCode < 300 ? 'accepted' : 'rejected',
      status: statusCode,
      headers: JSON.stringify(headers),
      body: Buffer.from(await body.arrayBuffer()),
      error: null,
    }
  } catch (error) {
    return { outcome: 'network_error', status: null, headers: null, body: null, error: String(error) }
  }
}
