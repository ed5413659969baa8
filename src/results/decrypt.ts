import { checkObject } from '../check/check.ts'
import { attemptRow, type RowName, requestRow, scheduleRow, type Vault } from '../encryption/vault.ts'
import { hidden, InvalidInputError } from '../errors.ts'
import type { HeaderPairs, StoredContent } from '../message/message.ts'

/** An `HttpRequest`, `HttpAttempt` or `HttpSchedule` as Prisma returns it: at least its key columns and the encrypted ones. */
export type EncryptedRow = ({ id: string } | { requestId: string; number: number } | { name: string }) & {
  encryptionKey: string | null
  headers: unknown
  body: Uint8Array | null
}

/** The same row, decrypted. */
export type DecryptedRow<R extends EncryptedRow> = Omit<R, 'headers' | 'body' | 'encryptionKey'> & {
  headers: HeaderPairs | null
  body: Uint8Array | null
  encryptionKey: null
}

export function decrypt<R extends EncryptedRow>(vault: Vault, row: R): DecryptedRow<R> {
  checkObject('row', row, 'a row of HttpRequest, HttpAttempt or HttpSchedule')
  for (const column of ['encryptionKey', 'headers', 'body'] as const) {
    if (row[column] === undefined)
      throw new InvalidInputError(`row.${column}`, undefined, 'part of the row: select it in the query')
  }
  const { encryptionKey, headers, body } = row
  const content = vault.open(nameOf(row), { encryptionKey, headers: headers as StoredContent['headers'], body })
  return { ...row, ...content, body: content.body && new Uint8Array(content.body), encryptionKey: null }
}

function nameOf(row: EncryptedRow): RowName {
  if ('requestId' in row) return attemptRow(row.requestId, row.number)
  if ('id' in row) return requestRow(row.id)
  if ('name' in row) return scheduleRow(row.name)
  throw new InvalidInputError(
    'row',
    hidden(row),
    'an HttpRequest with its id, an HttpAttempt with requestId and number, or an HttpSchedule with its name',
  )
}
