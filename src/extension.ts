import { checkObject } from './check/check.ts'
import { hidden, InvalidInputError } from './errors.ts'
import type { SpawnInput } from './message/input.ts'
import type { SpawnOptions } from './options/spawn.ts'
import type { Requeuest } from './requeuest.ts'
import { LazyPromise } from './runtime/lazy-promise.ts'
import { kindOfClient, type PrismaTransactionLike } from './store/db.ts'

/** What {@link requeuestExtension} adds to a Prisma client, and to the clients of its transactions. */
export interface RequeuestExtension {
  name: 'requeuest'
  client: {
    /**
     * As {@link Requeuest.spawn}, in the transaction whose client it is called on; on a whole client, in a transaction of its own.
     * Like a Prisma query it does nothing until it is awaited.
     */
    $spawn(channel: string, request: SpawnInput, options?: Omit<SpawnOptions, 'tx'>): Promise<string>
  }
}

/**
 * An extension for `prisma.$extends(…)`: adds `prisma.$spawn(…)`, and `tx.$spawn(…)` in `prisma.$transaction(async (tx) => …)`. The
 * instance must use the same database.
 */
export function requeuestExtension(requeuest: Pick<Requeuest, 'spawn'>): RequeuestExtension {
  const check: unknown = requeuest
  checkObject('requeuest', check, 'an instance of Requeuest')
  return {
    name: 'requeuest',
    client: {
      $spawn(this: unknown, channel, request, options = {}) {
        return new LazyPromise(async () => requeuest.spawn(channel, request, within(this, options)))
      },
    },
  }
}

/** The options, with the transaction that the client is of. */
function within(client: unknown, options: Omit<SpawnOptions, 'tx'>): SpawnOptions {
  const kind = kindOfClient(client)
  // Taken off its client, it would be nobody's, and outside of any transaction.
  if (kind === null) {
    throw new InvalidInputError('this', hidden(client), 'a Prisma client: `prisma.$spawn(…)` or `tx.$spawn(…)`')
  }
  checkObject('options', options)
  if ('tx' in options) {
    throw new InvalidInputError('options.tx', hidden(options.tx), 'omitted: it is the client that $spawn is called on')
  }
  return kind === 'transaction' ? { ...options, tx: client as PrismaTransactionLike } : options
}
