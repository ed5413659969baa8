import type { PrismaTransactionLike } from '../store/db.ts'
import { type MatchTerms, selectMatching } from '../store/matches.ts'

const BATCH = 1000
const NIL = '00000000-0000-0000-0000-000000000000'

/** The ids of all requests to which the terms apply, so many at a time that no statement holds very many locks. */
export async function* matchingIds(db: PrismaTransactionLike, terms: MatchTerms): AsyncGenerator<string[]> {
  for (let behind: string | undefined = NIL; behind !== undefined; ) {
    const after: string = behind
    const rows = await selectMatching(db, terms, after, BATCH)
    if (rows.length > 0) yield rows.map((row) => row.id)
    behind = rows.length < BATCH ? undefined : rows.at(-1)?.id
  }
}
