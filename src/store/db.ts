import { isRequeuestError, RequeuestError, reasonOf } from '../errors.ts'
import { peek } from '../runtime/thrown.ts'

/** A statement that Prisma has prepared but not run: it runs when awaited or handed to `$transaction`. */
export interface PrismaStatement<T> extends PromiseLike<T> {
  readonly [Symbol.toStringTag]: 'PrismaPromise'
}

/**
 * The part of a Prisma transaction client that the library needs. Any generated client has it, extended or not. It is a structural
 * type, so that the library does not depend on a generated client.
 */
export interface PrismaTransactionLike {
  /** Runs a query with parameters and returns its rows. */
  $queryRaw<T = unknown>(query: TemplateStringsArray, ...values: unknown[]): PrismaStatement<T>
  /** Runs a statement with parameters and returns how many rows it changed. */
  $executeRaw(query: TemplateStringsArray, ...values: unknown[]): PrismaStatement<number>
}

/** Options of a transaction of Prisma's, as far as the library uses them. */
export interface TransactionOptions {
  maxWait?: number
  timeout?: number
  isolationLevel?: 'ReadCommitted' | 'RepeatableRead'
}

/** The part of a Prisma client that the library needs: a transaction client's methods, and transactions. */
export interface PrismaClientLike extends PrismaTransactionLike {
  /** Runs statements one after another in one transaction. */
  $transaction(statements: PrismaStatement<unknown>[], options?: TransactionOptions): Promise<unknown[]>
  /** Runs a callback in one transaction. */
  $transaction<R>(work: (tx: PrismaTransactionLike) => Promise<R>, options?: TransactionOptions): Promise<R>
  /** Not called, but what tells a client from the client of a transaction, which can open transactions as well. */
  $connect(): Promise<void>
}

/** Whether something is a Prisma client, whole or of a transaction, by what it has; null for what is neither. */
export function kindOfClient(value: unknown): 'whole' | 'transaction' | null {
  const { $executeRaw: execute, $connect: connect } = Object(value) as Partial<PrismaClientLike>
  if (typeof execute !== 'function') return null
  return connect === undefined ? 'transaction' : 'whole'
}

/** The transaction client that a Prisma client passes to the callback of `$transaction`. */
export type TransactionOf<Client extends PrismaClientLike> = Client['$transaction'] extends (
  work: (tx: infer Tx) => Promise<never>,
  ...rest: never[]
) => unknown
  ? Tx
  : never

/**
 * Longer than Prisma's 2 s and 5 s: where the database is slow or the pool is busy, giving up and doing the same again
 * would only add to it.
 */
export const PATIENCE = { maxWait: 10_000, timeout: 30_000 }

/**
 * Runs statements one after another in one short transaction. The array form is chosen over the interactive
 * one because nothing is awaited between the statements: no timeout can strike inside COMMIT. For a single statement,
 * which is a transaction by itself, Prisma sends neither BEGIN nor COMMIT.
 */
export function inTransaction<T extends unknown[]>(
  db: PrismaClientLike,
  statements: [...{ [K in keyof T]: PrismaStatement<T[K]> }],
): Promise<T> {
  return withDatabaseErrors(() => db.$transaction(statements, PATIENCE) as Promise<T>)
}

/**
 * Prisma's own limit on open transactions is never to strike: it might do so inside COMMIT, which once ended the process
 * (prisma#29952).
 */
export const NO_LIMIT_MS = 2_147_483_647

/** Runs `work`, which waits for nothing but the database, in a transaction. */
export function withOpenTransaction<T>(
  db: PrismaClientLike,
  work: (tx: PrismaTransactionLike) => Promise<T>,
): Promise<T> {
  return db.$transaction(work, { ...PATIENCE, timeout: NO_LIMIT_MS })
}

/**
 * Runs `work` in a transaction that only reads and sees one state of the database. The time limit is this function's own:
 * Prisma's might strike inside COMMIT.
 */
export async function readInTransaction<T>(
  db: PrismaClientLike,
  work: (tx: PrismaTransactionLike) => Promise<T>,
  limitMs: number,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${limitMs} ms`)), limitMs)
  })
  // Nobody may be waiting for it yet.
  late.catch(() => {})
  const limited = async (tx: PrismaTransactionLike) => {
    await tx.$executeRaw`SET /* requeuest:readInTransaction */ TRANSACTION READ ONLY`
    return Promise.race([work(tx), late])
  }
  const options = {
    maxWait: PATIENCE.maxWait,
    timeout: PATIENCE.timeout + limitMs,
    isolationLevel: 'RepeatableRead',
  } as const
  return db.$transaction(limited, options).finally(() => clearTimeout(timer))
}

/** Runs one piece of database work and turns what it throws into this library's errors. */
export async function withDatabaseErrors<T>(work: () => PromiseLike<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw toRequeuestError(error)
  }
}

const UNDEFINED_TABLE = '42P01'
/** undefined_object, undefined_function, undefined_column */
const PART_MISSING = new Set(['42704', '42883', '42703'])

function toRequeuestError(error: unknown): RequeuestError {
  if (isRequeuestError(error)) return error
  hideValues(error)
  const state = sqlState(error) ?? ''
  if (state === UNDEFINED_TABLE) return notMigrated({ schema: schemaOfMissing(error), existsIn: [] }, error)
  if (PART_MISSING.has(state)) return partlyMigrated(schemaOfMissing(error), false, error)
  const message = isAmbiguous(state)
    ? `The database gave no answer: ${messageOf(error)}. Whether it did what it was asked to do is not known.`
    : `The database refused: ${messageOf(error)}`
  return new RequeuestError('database_error', message, { cause: error })
}

/** Connections that broke and time limits of this side have no SQLSTATE, or one of class 08. */
function isAmbiguous(state: string): boolean {
  return state === '' || state.startsWith('08')
}

/** Whether it is certain that a statement which failed has changed nothing: the database said so. */
export function isAnswered(error: unknown): boolean {
  return !isAmbiguous(sqlState(error) ?? '')
}

/** @param where - in which schema they were looked for, and which schemas have them */
export function notMigrated(
  where: { schema: string | null; existsIn: readonly string[] },
  cause?: unknown,
): RequeuestError {
  const { schema, existsIn } = where
  const place = placeOf(schema)
  const others = existsIn.map((name) => JSON.stringify(name)).join(', ')
  const hint =
    existsIn.length === 0
      ? ''
      : ` There are some in ${others}: if those are meant, let the models and the adapter name that schema (\`@@schema\`, or the adapter's \`schema\`).`
  const message = `${place} lacks Requeuest's tables: run \`prisma migrate deploy\` (or \`await requeuest.migrate()\`).${hint}`
  return new RequeuestError('not_migrated', message, cause === undefined ? undefined : { cause })
}

/** @param isPushed - whether nothing but tables is there */
export function partlyMigrated(schema: string | null, isPushed: boolean, cause?: unknown): RequeuestError {
  const place = placeOf(schema)
  const message = isPushed
    ? `${place} has Requeuest's tables, but none of its triggers and functions: \`prisma db push\` creates only tables. \`await requeuest.migrate()\` adds what is missing; \`prisma migrate deploy\` refuses a database that was pushed to.`
    : `${place} has tables of Requeuest's, but not all that its migrations create: run \`prisma migrate deploy\` (or \`await requeuest.migrate()\`).`
  return new RequeuestError('not_migrated', message, cause === undefined ? undefined : { cause })
}

function placeOf(schema: string | null): string {
  return schema === null ? 'The database' : `The schema ${JSON.stringify(schema)} of the database`
}

/** Postgres quotes as the language of its messages does; Prisma takes every character but " in a schema's name. */
const FOREIGN_QUOTES = /[«»„“”'`]([^«»„“”'`]+)\.requeuest_/

/** The schema of the table that Postgres did not find, if the statement named it. */
export function schemaOfMissing(error: unknown): string | null {
  const message = messageOf(error)
  return (/"([^"]+)\.requeuest_/.exec(message) ?? FOREIGN_QUOTES.exec(message))?.[1] ?? null
}

interface PrismaErrorShape {
  code?: unknown
  message?: unknown
  meta?: { driverAdapterError?: { cause?: { originalCode?: unknown; originalMessage?: unknown; detail?: unknown } } }
}

/** Whether Prisma refused because the transaction that the statement belongs to is over. */
export function isTransactionOver(error: unknown): boolean {
  return peek(() => (error as PrismaErrorShape | null)?.code) === 'P2028'
}

/** The five characters by which Postgres names an error, if it was Postgres that objected. */
export function sqlState(error: unknown): string | undefined {
  const code = peek(() => (error as PrismaErrorShape | null)?.meta?.driverAdapterError?.cause?.originalCode)
  return typeof code === 'string' ? code : undefined
}

/**
 * Classes of SQLSTATE that say nothing of what was to be written: connection, resources, intervention of an operator,
 * system error, configuration file, internal error.
 */
const OF_THE_SERVER = /^(08|53|57|58|F0|XX)/

/** Whether a statement failed for a reason that has nothing to do with its values, or one that cannot be told. */
export function isOfTheServer(error: unknown): boolean {
  const state = sqlState(error)
  return state === undefined || OF_THE_SERVER.test(state)
}

/** Classes that say that it was not the time: the server, a conflict with somebody else, a lock, a server that only reads. */
const NOT_NOW = /^(08|25|40|53|55|57|58|F0|XX)/

/** Whether the same statement would be refused again. */
export function isForGood(error: unknown): boolean {
  const state = sqlState(error)
  return state !== undefined && !NOT_NOW.test(state)
}

/** Whether somebody has locked what is wanted for longer than the statement waits. */
export function isLocked(error: unknown): boolean {
  return sqlState(error) === '55P03'
}

/** Postgres adds the whole row that it refuses, with headers and body, and who logs the error logs its causes as well. */
function hideValues(error: unknown): void {
  peek(() => {
    const cause = (error as PrismaErrorShape | null)?.meta?.driverAdapterError?.cause
    if (cause?.detail !== undefined) cause.detail = '(hidden)'
  })
}

/** What the database said, or who else objected. */
function messageOf(error: unknown): string {
  const shape = error as PrismaErrorShape | null
  const original = peek(() => shape?.meta?.driverAdapterError?.cause?.originalMessage ?? shape?.message)
  // An extension of the caller's client may throw anything.
  return typeof original === 'string' ? (original.trim().split('\n').at(-1) ?? '') : reasonOf(error)
}
