import type { RequestState } from '../policy/request.ts'
import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { type MatchTerms, selectMatching } from '../store/matches.ts'
import { type RequestFilter, resolveFilter } from './filter.ts'

const BATCH = 1000

/** The ids of all requests to which the terms apply, so many at a time that no statement holds very many locks. */
export async function* matchingIds(db: PrismaTransactionLike, terms: MatchTerms): AsyncGenerator<string[]> {
  const find = (behind: string | null) => selectMatching(db, terms, behind, BATCH)
  let behind: string | null = null
  do {
    const rows = await find(behind)
    if (rows.length > 0) yield rows.map((row) => row.id)
    behind = (rows.length === BATCH && rows.at(-1)?.id) || null
  } while (behind !== null)
}

/** How many requests in one of these states match a filter. */
export function countMatching(
  db: PrismaTransactionLike,
  which: string | RequestFilter,
  states: readonly RequestState[],
): Promise<number> {
  const terms = resolveFilter(which, states)
  return withDatabaseErrors(async () => {
    let matched = 0
    for await (const ids of matchingIds(db, terms)) matched += ids.length
    return matched
  })
}
