import type { PrismaTransactionLike } from '../store/db.ts'

/** What a channel does with its requests when they are final. */
export interface Handler {
  channel: string
  /** How long one run may take. */
  timeoutMs: number
  /** Reads the request in the transaction and makes the call of the user's function, which is limited in time. */
  prepare(tx: PrismaTransactionLike, requestId: string): Promise<() => unknown>
}

/** The handlers of one instance, by their channels. */
export type Handlers = ReadonlyMap<string, Handler>
