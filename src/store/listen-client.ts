import { RequeuestError, reasonOf } from '../errors.ts'
import { peek } from '../runtime/thrown.ts'
import type { PrismaClientLike } from './db.ts'

/** The part of a `pg` client that is needed to listen. */
export interface ListenClient {
  /** Connects. Called once. */
  connect(): Promise<unknown>
  /** Runs a statement without parameters. */
  query(sql: string): Promise<unknown>
  /** Adds a listener for notifications. */
  on(event: 'notification', listener: (message: { channel: string; payload?: string | undefined }) => void): unknown
  /** Adds a listener for the loss of the connection. */
  on(event: 'error', listener: (error: Error) => void): unknown
  /** Adds a listener for the end of the connection. */
  on(event: 'end', listener: () => void): unknown
  /** Closes the connection. */
  end(): Promise<void>
}

/** As much of a `pg` pool as it takes to make one more client like its own. */
interface Pool {
  Client: new (options: object) => ListenClient
  options: object
}

/** What `PrismaPg` makes, of which Prisma documents `connect` alone. */
interface Factory {
  adapterName: string
  externalPool: Pool | null
  connect(): Promise<{ underlyingDriver(): Pool; dispose(): Promise<void> }>
}

/**
 * A `pg` client, not connected yet, with the options of the pool that the Prisma client uses: whatever leads there leads
 * this one there as well. `pg` itself is not imported, for it is the adapter's.
 *
 * @throws {@link RequeuestError} with code `not_listening` where there is no such pool, or it is not found
 */
export async function clientLikeThoseOf(prisma: PrismaClientLike): Promise<ListenClient> {
  try {
    const { Client, options } = await poolOf(prisma)
    return new Client(onTopOfPatience(options))
  } catch (error) {
    const message = `A connection like those of the Prisma client's adapter cannot be made: ${reasonOf(error)}.`
    throw new RequeuestError('not_listening', message, { cause: error })
  }
}

async function poolOf(prisma: PrismaClientLike): Promise<Pool> {
  const factory = peek(() => (prisma as { _engineConfig?: { adapter?: Partial<Factory> } })._engineConfig?.adapter)
  const { adapterName, externalPool, connect } = factory ?? {}
  if (adapterName !== '@prisma/adapter-pg') throw new Error('it is not that of `@prisma/adapter-pg`')
  if (externalPool) return externalPool
  if (externalPool !== null || typeof connect !== 'function') throw new Error('this version of it is not known')
  // A second pool of the same options, which connects when it is first asked for something, and is asked for nothing.
  const adapter = await (factory as Factory).connect()
  try {
    return adapter.underlyingDriver()
  } finally {
    await adapter.dispose()
  }
}

/**
 * What the pool does without, since it says something all the time: nothing may be said on this connection for hours, and a
 * network that is away is to be noticed all the same.
 */
const PATIENT = { keepAlive: true, keepAliveInitialDelayMillis: 60_000, connectionTimeoutMillis: 30_000 }

/** The options go on top, with those that the pool hides from who lists them, such as the password. */
function onTopOfPatience(options: object): object {
  return Object.defineProperties({ ...PATIENT }, Object.getOwnPropertyDescriptors(options))
}
