import type { StoredContent } from '../message/message.ts'

/** Headers and body of a row as they are read, the body as {@link readBodyText} takes it. */
export type ContentRow = Omit<StoredContent, 'body'> & { body: string | null }

/** Shorter bodies are passed in base64, of which Postgres makes less work than of finding out whether they are text. */
export const SHORT_BYTES = 2000

/**
 * The bytes of a body that the database has passed as a text, which Prisma and the driver read in a fraction of the time that
 * bytes take them: behind `=` as `requeuest_body_text` gives what is UTF-8, anything else in base64.
 */
export function readBodyText(text: string): Uint8Array {
  return text.startsWith('=') ? Buffer.from(text.slice(1)) : Buffer.from(text, 'base64')
}

/** The row with its body as bytes. */
export function withBytes<R extends ContentRow>(row: R): Omit<R, 'body'> & Pick<StoredContent, 'body'> {
  return { ...row, body: row.body === null ? null : readBodyText(row.body) }
}
