import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import { DAY_MS, MAX_INT } from '../check/bounds.ts'
import { checkInteger, checkKeys, checkObject } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import { ExpectationError, redactUrl } from '../errors.ts'
import { checkTransaction } from '../options/transaction.ts'
import { monotonicMs } from '../runtime/clock.ts'
import type { PrismaTransactionLike } from '../store/db.ts'
import type { Scope } from './scope.ts'
import { findSpawned, type SpawnedFilter, type SpawnedRequest, STATES } from './spawned.ts'

/** Options of {@link TestKit.expectSpawned}. */
export interface ExpectSpawnedOptions {
  /** How many requests there must be, exactly. @default one or more */
  count?: number
  /** How long to wait for them, up to a day. With `count: 0`, for how long there must be none. @default not at all */
  within?: Duration
  /** The client of a running Prisma transaction: what it has spawned is found as well. @default only what is committed */
  tx?: PrismaTransactionLike
}

const ASK_AGAIN_MS = 25
const MOST_LISTED = 20

/** @throws {@link ExpectationError} that lists what there is, if it is not what is expected */
export async function expectSpawned(
  scope: Scope,
  filter: SpawnedFilter,
  options: ExpectSpawnedOptions,
): Promise<SpawnedRequest[]> {
  const { count, withinMs, tx } = resolve(options)
  const isMet = (found: number) => (count === undefined ? found > 0 : found === count)
  const untilMs = monotonicMs() + withinMs
  let found = await findSpawned(scope, filter, tx)
  // Where none is expected, what is so now may be different a moment later.
  while (isMet(found.length) === (count === 0) && monotonicMs() < untilMs) {
    await sleep(Math.min(ASK_AGAIN_MS, Math.max(1, untilMs - monotonicMs())))
    found = await findSpawned(scope, filter, tx)
  }
  if (isMet(found.length)) return found
  const wanted = count === undefined ? 'one or more requests' : `${count} request${count === 1 ? '' : 's'}`
  const after = withinMs > 0 ? ` within ${withinMs} ms` : ''
  const present = found.length > 0 ? found : await findSpawned(scope, { state: { in: STATES } }, tx)
  throw new ExpectationError(
    `Expected ${wanted} with ${inspect(filter, { depth: 5, breakLength: Number.POSITIVE_INFINITY })}${after}, found ` +
      `${found.length}.${listed(found.length > 0 ? 'They are' : 'There are', present, filter.json !== undefined)}`,
  )
}

function resolve(options: ExpectSpawnedOptions) {
  checkObject('options', options)
  checkKeys('options', options, ['count', 'within', 'tx'])
  const { count, within = 0 } = options
  return {
    count: count === undefined ? undefined : checkInteger('options.count', count, 0, MAX_INT),
    withinMs: checkDuration('options.within', within, 0, DAY_MS),
    tx: checkTransaction(options),
  }
}

/** @param withBodies - what was looked for is in the bodies */
function listed(opening: string, requests: readonly SpawnedRequest[], withBodies: boolean): string {
  if (requests.length === 0) return ' There is no request at all.'
  const lines = requests.slice(0, MOST_LISTED).map((request) => {
    const { id, channel, state, method, url } = request
    const body = withBodies ? ` ${request.text().slice(0, 200)}` : ''
    return `\n  ${id} ${channel} ${state} ${method} ${redactUrl(url)}${body}`
  })
  const more = requests.length > MOST_LISTED ? `\n  and ${requests.length - MOST_LISTED} more` : ''
  return ` ${opening}:${lines.join('')}${more}`
}
