import { RequeuestError } from '../errors.ts'
import { notMigrated, PATIENCE, type PrismaClientLike, type PrismaTransactionLike, schemaOfMissing } from './db.ts'
import { describeHome, type Home, modelOf, NOTHING, requestsOf, type SessionRow, type Setting } from './home.ts'

const OLDEST = { number: 140_000, name: '14' }

/** Statements of ours that take longer than this are stuck, unless the client says how long they may take. */
const TIMEOUT_MS = 30_000

type Client = PrismaClientLike & { readonly statementTimeoutMs?: number }

/**
 * Finds out where Prisma's models are, by what a query of theirs locks: neither the client nor its adapter tells. A client
 * that has no model of ours is believed to mean what its search_path leads to.
 *
 * @param tx - the transaction of the caller's to look in, if there is one
 * @param told - where the tables are, by the user's word
 */
export async function findHome(
  client: Client,
  tx: PrismaTransactionLike | undefined,
  told: string | undefined,
): Promise<Home> {
  const session = await describe(client, tx).catch(async (error) => {
    // There is no use in asking for a migration that the server is too old for.
    if (!tx && schemaOfMissing(error) !== null) checkVersion(rowOf(await describeHome(client)))
    throw error
  })
  checkVersion(session)
  const { usedIn, visibleIn, existsIn } = session
  // A transaction may have used the tables of another schema before.
  const used = usedIn.includes(visibleIn ?? '') ? visibleIn : usedIn[0]
  if (told !== undefined && used !== undefined && used !== told) throw mismatch(told, used as string)
  const schema = told ?? used ?? visibleIn
  if (schema === null || !existsIn.includes(schema)) throw notMigrated({ existsIn, schema })
  const settings = settingsOf(session, client.statementTimeoutMs ?? TIMEOUT_MS)
  return { schema, settings, isReadCommitted: session.isolation === 'read committed' }
}

/** Where migrations are to make the tables, and where Prisma keeps account of them. */
export interface MigrationTarget {
  schema: string
  history: string
}

/** As {@link findHome}, where there may be no tables yet: then Prisma says where it misses them. */
export async function findMigrationTarget(
  client: PrismaClientLike,
  told: string | undefined,
): Promise<MigrationTarget> {
  let missedIn: string | null = null
  const session = await describe(client, undefined).catch(async (error) => {
    missedIn = schemaOfMissing(error)
    if (missedIn === null) throw error
    return rowOf(await describeHome(client))
  })
  checkVersion(session)
  const used = session.usedIn[0] ?? missedIn
  if (told !== undefined && used !== null && used !== told) throw mismatch(told, used)
  const current = session.currentSchema ?? 'public'
  const schema = told ?? used ?? session.visibleIn ?? current
  // A model that names its schema leaves that of the connection to Prisma's own table.
  return { schema, history: modelOf(client).schema === null ? schema : current }
}

async function describe(client: PrismaClientLike, tx: PrismaTransactionLike | undefined): Promise<SessionRow> {
  const requests = requestsOf(tx ?? client)
  if (requests === undefined) return rowOf(await describeHome(tx ?? client))
  if (tx) {
    await requests.findFirst(NOTHING)
    return rowOf(await describeHome(tx))
  }
  const [, rows] = await client.$transaction([requests.findFirst(NOTHING) as never, describeHome(client)], PATIENCE)
  return rowOf(rows as SessionRow[])
}

function rowOf([row]: SessionRow[]): SessionRow {
  if (row === undefined) throw new Error('the database said nothing of the session')
  return row
}

function checkVersion({ version, versionName }: Pick<SessionRow, 'version' | 'versionName'>): void {
  if (version >= OLDEST.number) return
  const message = `Requeuest needs PostgreSQL ${OLDEST.name} or later, and this server is ${versionName}: upgrade it.`
  throw new RequeuestError('unsupported_database', message)
}

function mismatch(told: string, used: string): RequeuestError {
  const message =
    `The option \`schema\` names ${JSON.stringify(told)}, but Prisma's models are in ${JSON.stringify(used)}: requests would be ` +
    'spawned where Prisma does not see them. Omit the option, or move the models there with `@@schema`, or ' +
    "the adapter's `schema`."
  return new RequeuestError('schema_mismatch', message)
}

/** What the session has otherwise than our statements need it. Settings that this version of Postgres lacks are not there. */
function settingsOf({ settings }: SessionRow, timeoutMs: number): Setting[] {
  const differs = (name: string, ours: string, isFine: (theirs: string) => boolean) => {
    const theirs = settings[name]
    return theirs === undefined || isFine(theirs) ? [] : [{ name, ours, theirs }]
  }
  const isLong = (theirs: string) => theirs === '0' || Number(theirs) >= timeoutMs
  return [
    // Lists are passed as texts, in which NULL is to mean none.
    ...differs('array_nulls', 'on', (theirs) => theirs === 'on'),
    // Times are passed as numbers, whose last digits count.
    ...differs('extra_float_digits', '1', (theirs) => Number(theirs) >= 1),
    ...differs('statement_timeout', String(timeoutMs), isLong),
    ...differs('transaction_timeout', String(timeoutMs), isLong),
    ...differs('lock_timeout', '0', isLong),
  ]
}
