import { checkKeys, checkObject } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import type { Vault } from '../encryption/vault.ts'
import { hidden, InvalidInputError } from '../errors.ts'
import type { HeaderPairs } from '../message/message.ts'
import { checkChannel } from '../options/spawn.ts'
import { type FoundAttempt, type FoundRequest, toFoundAttempt, toFoundRequest } from '../results/find.ts'
import type { PrismaTransactionLike } from '../store/db.ts'
import { selectDecidingAttempt, selectRequest } from '../store/history.ts'
import { clientOf } from '../store/transactions.ts'
import type { Handler } from './registry.ts'

/** A final request, as `find()` shows it. */
export interface SettledRequest extends Omit<FoundRequest, 'attempts' | 'attemptsRecorded' | 'state'> {
  state: 'delivered' | 'failed' | 'cancelled'
}

/** Argument of a handler. */
export interface SettledInput<Tx> {
  /** The transaction that records the outcome, or in a later run that the handler is done. The handler's writes commit with it. */
  tx: Tx
  request: SettledRequest
  /** The accepted attempt, or else the last one; null if there was none. */
  attempt: FoundAttempt | null
}

/** Handles a final request. It is awaited; if it throws, its writes are rolled back. */
export type SettledHandler<Tx> = (settled: SettledInput<Tx>) => unknown

/** Options of {@link Requeuest.onSettled}. */
export interface SettledHandlerOptions {
  /** Timeout of a run, 1 ms to a minute; after it the run is rolled back and retried. @default '5s' */
  timeout?: Duration
}

/** Throws {@link InvalidInputError} if an option is invalid. */
export function toHandler<Tx>(
  channel: string,
  handler: SettledHandler<Tx>,
  options: SettledHandlerOptions,
  vault: Vault,
  hide: (headers: HeaderPairs) => HeaderPairs,
): Handler {
  checkChannel(channel)
  if (typeof handler !== 'function') {
    throw new InvalidInputError('handler', hidden(handler), 'a function such as async ({ tx, request }) => { … }')
  }
  checkObject('options', options)
  checkKeys('options', options, ['timeout'])
  const { timeout = '5s' } = options
  return {
    channel,
    timeoutMs: checkDuration('options.timeout', timeout, 1, 60_000),
    async prepare(tx, requestId) {
      const { request, attempt } = await readSettled(tx, vault, requestId, hide)
      return () => handler({ tx: clientOf(tx) as Tx, request, attempt })
    },
  }
}

async function readSettled(
  tx: PrismaTransactionLike,
  vault: Vault,
  id: string,
  hide: (headers: HeaderPairs) => HeaderPairs,
): Promise<{ request: SettledRequest; attempt: FoundAttempt | null }> {
  // One after the other: a transaction has one connection.
  const [request] = await selectRequest(tx, id)
  const [attempt] = await selectDecidingAttempt(tx, id)
  if (!request) throw new Error('the request is gone')
  return {
    request: toFoundRequest(request, vault, hide) as SettledRequest,
    attempt: attempt ? toFoundAttempt(id, attempt, vault, hide) : null,
  }
}
