import type { Vault } from '../encryption/vault.ts'
import { DuplicateRequestError, InvalidInputError, RequeuestError } from '../errors.ts'
import type { Dedupe, NewRequest, Placement } from '../policy/request.ts'
import { inTransactionOfCaller } from '../store/caller.ts'
import { cancelRequests } from '../store/control.ts'
import type { Database } from '../store/database.ts'
import { type PrismaTransactionLike, withOpenTransaction } from '../store/db.ts'
import {
  type HolderRow,
  lockHolders,
  releaseKeys,
  replaceUntried,
  selectHolders,
  withdrawRequests,
} from '../store/dedupe.ts'
import { findMissing } from '../store/requests.ts'
import { sealed } from './sealed.ts'

type KeyedRequest = NewRequest & { placement: { dedupe: Dedupe } }

/** Writes requests, but not those whose id or key is taken. Returns how many were written. */
export type InsertFree = (into: PrismaTransactionLike, rows: readonly NewRequest[]) => Promise<number>

/** How many times to attempt a write that collides with others. Each time, one of them has succeeded. */
const ROUNDS = 20

/**
 * Writes requests of one channel, some with a dedupe key. They are inserted first; if a key was taken, its holder is locked, read
 * and changed if need be, and what is still to be written is inserted again. No statement fails because of concurrent changes,
 * so a transaction of the caller's stays usable.
 */
export async function insertWithKeys(
  db: Database,
  tx: PrismaTransactionLike | undefined,
  rows: readonly NewRequest[],
  vault: Vault,
  insert: InsertFree,
): Promise<string[]> {
  const { distinct, places } = mergeDuplicates(rows)
  const write = (into: PrismaTransactionLike) => writeAll(into, distinct, vault, insert, tx !== undefined)
  const [only, ...others] = distinct
  // Mostly the key is new, and one statement is enough.
  const isWritten =
    only && others.length === 0 && !tx && (await inTransactionOfCaller(db, tx, (into) => insert(into, [only]))) > 0
  const ids = isWritten
    ? [only.id]
    : await inTransactionOfCaller(db, tx, (into) => (tx ? write(into) : withOpenTransaction(db, write)))
  return places.map((place) => ids[place] as string)
}

/** Returns the ids under which the requests are found. */
async function writeAll(
  db: PrismaTransactionLike,
  rows: readonly NewRequest[],
  vault: Vault,
  insert: InsertFree,
  undoes: boolean,
): Promise<string[]> {
  const ids = new Map(rows.map((row) => [row, row.id]))
  const channel = rows[0]?.channel ?? ''
  const isStrict = rows.some((row) => row.placement.dedupe?.onDuplicate === 'error')
  // What was not there before can be taken away again.
  const own =
    isStrict && undoes
      ? await findMissing(
          db,
          rows.map((row) => row.id),
        )
      : []
  let open = rows
  for (let round = 1; open.length > 0; round++) {
    if (round > ROUNDS) throw contended(channel)
    if ((await insert(db, open)) === open.length) break
    const missing = new Set(
      (
        await findMissing(
          db,
          open.map((row) => row.id),
        )
      ).map(({ id }) => id),
    )
    open = open.filter((row) => missing.has(row.id))
    const keys = open.flatMap((row) => row.placement.dedupe?.key ?? [])
    const holders = new Map((await selectHolders(db, channel, keys)).map((holder) => [holder.key, holder]))
    const plan = makePlan(open, holders)
    if (plan.refused) {
      if (own.length > 0)
        await withdrawRequests(
          db,
          own.map(({ id }) => id),
        )
      throw plan.refused
    }
    for (const [row, id] of plan.kept) ids.set(row, id)
    open = await carryOut(db, plan, vault, ids)
  }
  return rows.map((row) => ids.get(row) as string)
}

/** What is to be done about requests whose key is taken. */
interface Plan {
  refused: DuplicateRequestError | undefined
  /** The requests that stay instead. */
  kept: [NewRequest, string][]
  /** To be inserted again: nobody has the key any more. */
  free: NewRequest[]
  changes: { row: KeyedRequest; holder: HolderRow; how: 'replace' | 'cancel' | 'release' }[]
}

function makePlan(rows: readonly NewRequest[], holders: ReadonlyMap<string, HolderRow>): Plan {
  const plan: Plan = { refused: undefined, kept: [], free: [], changes: [] }
  for (const row of rows) {
    const { dedupe, orderKey } = row.placement
    const holder = dedupe ? holders.get(dedupe.key) : undefined
    if (!dedupe || !holder) plan.free.push(row)
    else if (holder.isOver) plan.changes.push({ row: row as KeyedRequest, holder, how: 'release' })
    else if (dedupe.onDuplicate === 'error')
      plan.refused ??= new DuplicateRequestError(holder.id, row.channel, dedupe.key)
    else if (dedupe.onDuplicate === 'keep') plan.kept.push([row, holder.id])
    else {
      const how = holder.isUntried && holder.orderKey === orderKey ? 'replace' : 'cancel'
      plan.changes.push({ row: row as KeyedRequest, holder, how })
    }
  }
  return plan
}

/** Changes the holders that are still what they were. Returns what is to be inserted again. */
async function carryOut(
  db: PrismaTransactionLike,
  { free, changes }: Plan,
  vault: Vault,
  ids: Map<NewRequest, string>,
): Promise<NewRequest[]> {
  if (changes.length === 0) return free
  const locked = await lockHolders(
    db,
    changes.map(({ holder }) => holder.id),
  )
  const untried = new Map(locked.map(({ id, isUntried }) => [id, isUntried]))
  const holding = changes.filter(({ holder }) => untried.has(holder.id))
  const replaced = holding.filter(({ holder, how }) => how === 'replace' && untried.get(holder.id))
  const left = holding.filter(({ how }) => how !== 'replace').map(({ holder }) => holder.id)
  const cancelled = holding.filter(({ how }) => how === 'cancel').map(({ holder }) => holder.id)
  if (cancelled.length > 0) await cancelRequests(db, cancelled, ['pending', 'claimed'])
  if (left.length > 0) await releaseKeys(db, left)
  if (replaced.length > 0) {
    const rows = replaced.map(({ row, holder }) => ({
      ...sealed({ ...row, id: holder.id }, vault),
      dedupe: row.placement.dedupe,
    }))
    await replaceUntried(db, rows)
  }
  for (const { row, holder } of replaced) ids.set(row, holder.id)
  const done = new Set<NewRequest>(replaced.map(({ row }) => row))
  return [...free, ...changes.map(({ row }) => row).filter((row) => !done.has(row))]
}

function contended(channel: string): RequeuestError {
  const message = `Other spawns took the dedupe keys in the channel ${JSON.stringify(channel)} ${ROUNDS} times in a row: spawn again.`
  return new RequeuestError('database_error', message)
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
      const field = `requests[${index}].options.dedupe.key`
      throw new InvalidInputError(field, dedupe.key, `different from that of requests[${earlier.index}]`)
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
