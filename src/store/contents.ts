import { LARGEST_COLUMN_BYTES, LARGEST_STORED_BYTES } from '../message/largest.ts'
import type { ClaimedRequest } from '../policy/request.ts'
import { type ContentRow, withBytes } from './body-text.ts'
import type { PrismaTransactionLike } from './db.ts'
import { plainList } from './lists.ts'

/**
 * What these requests hold that may be encrypted. Headers and body are read together: between a claim and this, both may
 * have been encrypted with another key. Without those that have become too large to be read.
 */
export function selectContents(db: PrismaTransactionLike, ids: readonly string[]) {
  return db.$queryRaw<(ContentRow & { id: string })[]>`
    SELECT /* requeuest:selectContents */ id::text, headers, requeuest_body_text(body) AS body, encryption_key AS "encryptionKey"
    FROM requeuest_request WHERE id = ANY ((SELECT ${plainList(ids)}::uuid[])::uuid[])
      AND octet_length(body) <= ${LARGEST_STORED_BYTES}::int AND pg_column_size(headers) <= ${LARGEST_COLUMN_BYTES}::int`
}

/** The claim with what was read. */
export function withContent(claim: ClaimedRequest, row: ContentRow): ClaimedRequest {
  const { headers, body, encryptionKey } = withBytes(row)
  return { ...claim, headers, body, encryptionKey, unreadBytes: 0 }
}
