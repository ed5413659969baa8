import type { Book, Booking } from '../core/booking.ts'
import { isToBeRendered } from '../core/rendering.ts'
import type { ClaimedRequest, NewRequest } from '../core/request.ts'
import { requestRow, type Vault } from '../encryption/vault.ts'
import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { insertRequest, type StoredRequest } from '../store/requests.ts'

/** As long as the database keeps it. */
const LONGEST_ORIGIN = 300

/** Keeps a slot for a request that can be sent as soon as it is written. */
export function bookFor(row: NewRequest, book: Book): Booking | null {
  const isDue = 'delayMs' in row.due && row.due.delayMs === 0
  if (!isDue || row.orderKey !== null || row.dedupe !== null || isToBeRendered(row.url)) return null
  const origin = originOf(row)
  return origin.length > LONGEST_ORIGIN ? null : book({ id: row.id, channel: row.channel, origin })
}

/**
 * Writes a request as claimed already, and hands it over to the worker: one transaction less until it is sent.
 *
 * @returns false when it was written as pending, because of a pause, or was there before
 */
export async function insertBooked(
  db: PrismaTransactionLike,
  row: NewRequest,
  vault: Vault,
  booking: Booking,
): Promise<boolean> {
  const stored = { ...row, ...vault.seal(requestRow(row.id), row) }
  const [written] = await withDatabaseErrors(() => insertRequest(db, stored, booking)).catch((error) => {
    booking.cancel()
    throw error
  })
  if (written?.claimedAtMs == null) {
    booking.cancel()
    return false
  }
  await booking.take(toClaim(stored, written.claimedAtMs, written.expiresAtMs))
  return true
}

function toClaim(row: StoredRequest, claimedAtMs: number, expiresAtMs: number | null): ClaimedRequest {
  return {
    id: row.id,
    number: 1,
    triesBefore: 0,
    channel: row.channel,
    priority: row.priority,
    ordered: false,
    method: row.method,
    url: row.url,
    origin: originOf(row),
    headers: row.headers,
    body: row.body,
    unreadBytes: 0,
    encryptionKey: row.encryptionKey,
    accept: row.accept,
    timeoutMs: row.timeoutMs,
    maxRedirects: row.maxRedirects,
    retry: row.retry,
    onStatus: row.onStatus,
    claimedAtMs,
    expiresAtMs,
  }
}

/** As the database reads it from a URL that was checked. */
function originOf({ url }: { url: string }): string {
  return new URL(url).origin
}
