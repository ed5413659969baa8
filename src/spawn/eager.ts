import type { Vault } from '../encryption/vault.ts'
import { originOf } from '../message/origin.ts'
import { isToBeRendered } from '../message/rendering.ts'
import { type ClaimedRequest, isDueNow, type NewRequest } from '../policy/request.ts'
import type { Reservation, Reserve } from '../policy/reservation.ts'
import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { insertRequest, type StoredRequest } from '../store/requests.ts'
import { sealed } from './sealed.ts'

/** Keeps a slot for a request that can be sent as soon as it is written. */
export function reserveFor(row: NewRequest, reserve: Reserve): Reservation | null {
  const { id, channel, placement, message } = row
  const { orderKey, dedupe } = placement
  if (!isDueNow(placement) || orderKey !== null || dedupe !== null || isToBeRendered(message.url)) return null
  return reserve({ id, channel, origin: originOf(message.url) })
}

/**
 * Writes a request as claimed already, and hands it over to the worker: one transaction less until it is sent.
 *
 * @returns false when it was written as pending, because of a pause, or was there before
 */
export async function insertReserved(
  db: PrismaTransactionLike,
  row: NewRequest,
  vault: Vault,
  reservation: Reservation,
): Promise<boolean> {
  const stored = sealed(row, vault)
  const [written] = await withDatabaseErrors(() => insertRequest(db, stored, reservation)).catch((error) => {
    reservation.cancel()
    throw error
  })
  if (written?.claimedAtMs == null) {
    reservation.cancel()
    return false
  }
  await reservation.take(toClaim(stored, written.claimedAtMs, written.expiresAtMs))
  return true
}

function toClaim(row: StoredRequest, claimedAtMs: number, expiresAtMs: number | null): ClaimedRequest {
  const { id, channel, placement, method, url, headers, body, encryptionKey, traceContext } = row
  const { priority, accept, timeoutMs, maxRedirects, retry, onStatus } = placement
  return {
    id,
    number: 1,
    attemptsBefore: 0,
    channel,
    priority,
    ordered: false,
    method,
    url,
    origin: originOf(url),
    headers,
    body,
    unreadBytes: 0,
    encryptionKey,
    accept,
    timeoutMs,
    maxRedirects,
    retry,
    onStatus,
    claimedAtMs,
    createdAtMs: claimedAtMs,
    dueAtMs: claimedAtMs,
    expiresAtMs,
    traceContext,
    problem: null,
  }
}
