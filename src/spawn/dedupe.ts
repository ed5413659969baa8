import type { Dedupe, NewRequest, Placement } from '../core/request.ts'
import type { Vault } from '../encryption/vault.ts'
import { DuplicateRequestError, InvalidInputError, type RequeuestError } from '../errors.ts'
import { cancelRequests } from '../store/control.ts'
import {
  inTransaction,
  inTransactionOfCaller,
  type PrismaClientLike,
  type PrismaStatement,
  type PrismaTransactionLike,
} from '../store/db.ts'
import { type HolderRow, isOvertaken, releaseKeys, replaceUntried, selectHolders } from '../store/dedupe.ts'
import { inSavepoint } from '../store/savepoints.ts'
import { sealed } from './sealed.ts'

type KeyedRequest = NewRequest & { placement: { dedupe: Dedupe } }

/** How often it is tried to write what others are writing at the same time. Each time, one of them has succeeded. */
const ROUNDS = 20

/** What is to be done so that each request, or the one that has its key already, is there. */
interface Plan {
  inserted: NewRequest[]
  /** With the ids of the requests whose place they take. */
  replacing: KeyedRequest[]
  cancelled: string[]
  released: string[]
  ids: string[]
}

/**
 * Writes requests of one channel of which some have a key. Who has the keys is read before, and what is written then
 * fails as a whole if that has changed meanwhile: then all is looked at again. In the caller's transaction a savepoint
 * keeps that transaction usable.
 */
export async function insertWithKeys(
  db: PrismaClientLike,
  tx: PrismaTransactionLike | undefined,
  rows: readonly NewRequest[],
  vault: Vault,
  insert: (into: PrismaTransactionLike, rows: readonly NewRequest[]) => PrismaStatement<unknown>,
): Promise<string[]> {
  const { distinct, places } = mergeDuplicates(rows)
  for (let round = 1; ; round++) {
    const plan = makePlan(distinct, await holdersOf(tx ?? db, tx, distinct))
    const statements = (into: PrismaTransactionLike) => [
      ...(plan.cancelled.length > 0 ? [cancelRequests(into, plan.cancelled, ['pending', 'claimed'])] : []),
      ...(plan.released.length > 0 ? [releaseKeys(into, plan.released)] : []),
      ...(plan.replacing.length > 0
        ? [
            replaceUntried(
              into,
              plan.replacing.map((row) => ({ ...sealed(row, vault), dedupe: row.placement.dedupe })),
            ),
          ]
        : []),
      ...(plan.inserted.length > 0 ? [insert(into, plan.inserted)] : []),
    ]
    const ids = places.map((place) => plan.ids[place] as string)
    if (plan.inserted.length + plan.replacing.length === 0) return ids
    try {
      if (tx) await inTransactionOfCaller(tx, () => inSavepoint(tx, statements(tx)))
      else await inTransaction(db, statements(db))
      return ids
    } catch (error) {
      if (round === ROUNDS || !isOvertaken((error as RequeuestError).cause)) throw error
    }
  }
}

async function holdersOf(
  db: PrismaTransactionLike,
  tx: PrismaTransactionLike | undefined,
  rows: readonly NewRequest[],
): Promise<Map<string, HolderRow>> {
  const channel = rows[0]?.channel ?? ''
  const keys = rows.flatMap((row) => row.placement.dedupe?.key ?? [])
  const holders = await inTransactionOfCaller(tx, () => selectHolders(db, channel, keys))
  return new Map(holders.map((holder) => [holder.key, holder]))
}

function makePlan(rows: readonly NewRequest[], holders: ReadonlyMap<string, HolderRow>): Plan {
  const plan: Plan = { inserted: [], replacing: [], cancelled: [], released: [], ids: [] }
  for (const row of rows) {
    const { dedupe } = row.placement
    const holder = dedupe ? holders.get(dedupe.key) : undefined
    plan.ids.push(row.id)
    if (dedupe === null || holder === undefined) plan.inserted.push(row)
    // The same spawn again, whose answer was lost.
    else if (holder.id === row.id) continue
    else if (holder.isOver) take(row, holder)
    else if (dedupe.onDuplicate === 'error') throw new DuplicateRequestError(holder.id, row.channel, dedupe.key)
    else if (dedupe.onDuplicate === 'replace' && !(holder.isUntried && holder.orderKey === row.placement.orderKey)) {
      plan.cancelled.push(holder.id)
      take(row, holder)
    } else {
      plan.ids[plan.ids.length - 1] = holder.id
      if (dedupe.onDuplicate === 'replace')
        plan.replacing.push({ ...row, id: holder.id, placement: { ...row.placement, dedupe } })
    }
  }
  return plan

  function take(row: NewRequest, holder: HolderRow) {
    plan.released.push(holder.id)
    plan.inserted.push(row)
  }
}

/** One row for each key, as if the requests were spawned one after another, and for each request the place of its row. */
function mergeDuplicates(rows: readonly NewRequest[]): { distinct: NewRequest[]; places: number[] } {
  const distinct: NewRequest[] = []
  const placeOf = new Map<string, { place: number; index: number }>()
  const places = rows.map((row, index) => {
    const { dedupe } = row.placement
    const earlier = dedupe ? placeOf.get(dedupe.key) : undefined
    if (dedupe === null || earlier === undefined) {
      const place = distinct.push(row) - 1
      if (dedupe) placeOf.set(dedupe.key, { place, index })
      return place
    }
    if (dedupe.onDuplicate === 'error') {
      const field = `requests[${index}].options.dedupeKey`
      throw new InvalidInputError(field, dedupe.key, `another one than that of requests[${earlier.index}]`)
    }
    if (dedupe.onDuplicate === 'replace') {
      const first = distinct[earlier.place] as KeyedRequest
      const onDuplicate = first.placement.dedupe.onDuplicate === 'error' ? 'error' : 'replace'
      const placement: Placement = { ...row.placement, dedupe: { ...dedupe, onDuplicate } }
      distinct[earlier.place] = { ...row, id: first.id, placement }
    }
    return earlier.place
  })
  return { distinct, places }
}
