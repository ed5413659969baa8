import { durationText } from '../../inspect/duration-text.ts'
import { withDatabaseErrors } from '../../store/db.ts'
import {
  findOldTransactions,
  type ServerRow,
  selectServer,
  selectTableHealth,
  type TableRow,
  type TransactionRow,
} from '../../store/diagnosis.ts'
import type { PoolerMode } from '../../store/pg-client.ts'
import type { Session } from '../session.ts'
import type { Finding } from './finding.ts'

const IDLE_MS = 60_000
const ACTIVE_MS = 900_000

/** The server: its connections, its clock, old transactions, dead rows, and who stands between. */
export async function checkServer({ client, db, url }: Session): Promise<Finding[]> {
  const { schema } = (await db.find()).home
  return withDatabaseErrors(async () => {
    const sentAtMs = Date.now()
    const [server] = await selectServer(db)
    const localMs = (sentAtMs + Date.now()) / 2
    const transactions = await findOldTransactions(db, IDLE_MS, ACTIVE_MS)
    const tables = await selectTableHealth(db, schema)
    return [
      ...(server ? [...connectionsOf(server), ...clockOf(server.nowMs - localMs)] : []),
      ...transactions.map(transactionOf),
      ...tables.flatMap(tableOf),
      ...poolerOf(await client.pooler()),
      ...poolOf(url),
    ]
  })
}

export function connectionsOf({ connections, maxConnections, roleLimit }: ServerRow): Finding[] {
  const findings: Finding[] = []
  if (connections >= maxConnections * 0.9) {
    findings.push({
      check: 'connections',
      level: 'warning',
      message: `${connections} of the server's ${maxConnections} connections are in use.`,
      advice: 'Make the pools of the applications smaller, or put PgBouncer in front of the server.',
    })
  }
  if (roleLimit !== null && roleLimit < 3) {
    findings.push({ ...POOL_OF_ONE, message: `This role may open no more than ${roleLimit} connections.` })
  }
  return findings
}

const POOL_OF_ONE: Finding = {
  check: 'pool_size',
  level: 'warning',
  message: 'The URL asks for a pool of one connection.',
  advice:
    'Give a worker at least 3 connections: claims, settlements and your own queries wait for each other otherwise.',
}

function poolOf(url: string): Finding[] {
  const limit = URL.canParse(url) ? new URL(url).searchParams.get('connection_limit') : null
  return limit === '1' ? [POOL_OF_ONE] : []
}

/** Beyond what networks and statements explain. */
const MOST_SKEW_MS = 2000

export function clockOf(skewMs: number): Finding[] {
  if (Math.abs(skewMs) <= MOST_SKEW_MS) return []
  return [
    {
      check: 'clock',
      level: 'warning',
      message: `The database's clock is ${durationText(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead of' : 'behind'} this machine's.`,
      advice:
        'Synchronise both with NTP. The database decides when requests are due, but a `runAt` comes from your machine.',
    },
  ]
}

export function transactionOf({ pid, state, ageMs, application }: TransactionRow): Finding {
  const isIdle = state.startsWith('idle in transaction')
  return {
    check: isIdle ? 'idle_in_transaction' : 'old_transaction',
    level: 'warning',
    message: `The connection with pid ${pid}${application && ` (${application})`} has had a transaction open for ${durationText(ageMs)}, and is ${state}.`,
    advice: isIdle
      ? `Find out what it waits for; \`SELECT pg_terminate_backend(${pid})\` ends it. \`idle_in_transaction_session_timeout\` prevents it.`
      : 'While it is open, dead rows cannot be removed, and claims slow down. End it, or run it on a replica.',
  }
}

/** Fewer are the usual state of a busy queue between two vacuums. */
const MOST_DEAD = 100_000

export function tableOf({ name, live, dead, isAutovacuumed }: TableRow): Finding[] {
  const findings: Finding[] = []
  if (!isAutovacuumed) {
    findings.push({
      check: 'autovacuum',
      level: 'warning',
      message: `Autovacuum is off for ${name}.`,
      advice: 'Turn it on: claims slow down with every dead row.',
    })
  }
  if (dead > MOST_DEAD && dead > live) {
    findings.push({
      check: 'dead_rows',
      level: 'warning',
      message: `${name} has ${dead.toLocaleString('en-US')} dead rows beside ${live.toLocaleString('en-US')} live ones.`,
      advice: `Run \`VACUUM ${name}\`, and look for old transactions, which keep dead rows from being removed.`,
    })
  }
  return findings
}

export function poolerOf(mode: PoolerMode): Finding[] {
  if (mode === null) return []
  const isShared = mode === 'transaction'
  return [
    {
      check: 'pooler',
      level: 'notice',
      message: `A pooler stands between this machine and the server${isShared ? ', in transaction mode' : '; in session mode, it seems'}.`,
      advice: isShared
        ? 'Nobody can listen through it, so start workers with `listen: false`; PgBouncer must be 1.21 or later for named statements.'
        : 'Workers can listen through it. If it is in transaction mode after all, start them with `listen: false`.',
    },
  ]
}
