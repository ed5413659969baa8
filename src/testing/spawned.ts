import { matchingIds } from '../control/batches.ts'
import { type RequestFilter, resolveFilter } from '../control/filter.ts'
import type { HeaderPairs } from '../message/message.ts'
import type { RequestState } from '../policy/request.ts'
import { type FoundRequest, toFoundRequest } from '../results/find.ts'
import { inTransactionOfCaller } from '../store/caller.ts'
import type { PrismaTransactionLike } from '../store/db.ts'
import { selectRequest } from '../store/history.ts'
import { listIds } from '../store/test-rows.ts'
import { matches } from './matches.ts'
import { type ReceivedRequest, readers } from './received.ts'
import type { Scope } from './scope.ts'

/** Selects spawned requests. Without `state` it finds pending requests and those that are being sent, but none that is final. */
export interface SpawnedFilter extends RequestFilter {
  method?: string
  /** Headers by name, in any case, with the whole value. */
  headers?: Readonly<Record<string, string>>
  /** What the JSON body has to have: objects may have further keys. Matchers such as `expect.any(Number)` may be in it. */
  json?: unknown
}

/** A request as its row has it, decrypted, with nothing hidden. */
export interface SpawnedRequest
  extends Omit<FoundRequest, 'attempts' | 'attemptsRecorded'>,
    Pick<ReceivedRequest, 'text' | 'json'> {}

export const STATES: readonly RequestState[] = ['pending', 'claimed', 'delivered', 'failed', 'cancelled']
const LIVE: readonly RequestState[] = ['pending', 'claimed']

/** The requests that the filter selects, in the order of their ids. */
export async function findSpawned(
  scope: Scope,
  filter: SpawnedFilter,
  tx?: PrismaTransactionLike,
): Promise<SpawnedRequest[]> {
  const { method, headers, json, ...where } = filter
  const terms = resolveFilter({ state: { in: LIVE }, ...where }, STATES)
  const channels = scope.channels?.filter((channel) => terms.channels?.includes(channel) ?? true) ?? terms.channels
  const found = await inTransactionOfCaller(scope.context.db, tx, async (into) => {
    const ids: string[] = []
    for await (const batch of matchingIds(into, { ...terms, channels })) ids.push(...batch)
    return readSpawned(scope, into, ids)
  })
  return found.filter(
    (request) =>
      (method === undefined || request.method === method) &&
      (headers === undefined || hasHeaders(request.headers, headers)) &&
      (json === undefined || hasJson(request, json)),
  )
}

/** Every request in the scope, but for those with these ids. */
export async function findOthers(scope: Scope, ids: readonly string[]): Promise<SpawnedRequest[]> {
  const { db } = scope.context
  return inTransactionOfCaller(db, undefined, async (into) => {
    const others = await listIds(into, scope.channels, ids)
    return readSpawned(
      scope,
      into,
      others.map(({ id }) => id),
    )
  })
}

async function readSpawned(
  { context }: Scope,
  db: PrismaTransactionLike,
  ids: readonly string[],
): Promise<SpawnedRequest[]> {
  const requests: SpawnedRequest[] = []
  for (const id of ids) {
    const [row] = await selectRequest(db, id)
    if (!row) continue
    const request = toFoundRequest(row, context.vault, (headers) => headers)
    requests.push({ ...request, ...readers(`request ${id}`, request.body) })
  }
  return requests
}

function hasHeaders(pairs: HeaderPairs, expected: Readonly<Record<string, string>>): boolean {
  return Object.entries(expected).every(([name, value]) =>
    pairs.some(([key, given]) => key.toLowerCase() === name.toLowerCase() && given === value),
  )
}

function hasJson(request: SpawnedRequest, expected: unknown): boolean {
  try {
    return matches(expected, request.json())
  } catch {
    return false
  }
}
