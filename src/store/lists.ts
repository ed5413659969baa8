/*
 * Lists as one text that Postgres reads as an array. Given an array, Prisma and the driver would each go through every
 * element of it, which takes longer than all the rest of a statement.
 */

/** `unnest` of several lists fills up the shorter ones with NULL. */
const ABSENT = '{}'
const isNull = (value: unknown) => value === null

/** Numbers, booleans and UUIDs, whose text needs no quotes. */
export function plainList(values: readonly (string | number | boolean | null)[]): string {
  if (!values.includes(null)) return `{${values.join(',')}}`
  return values.every(isNull) ? ABSENT : `{${values.map((value) => value ?? 'NULL').join(',')}}`
}

export function textList(values: readonly (string | number | null)[]): string {
  if (values.every(isNull)) return ABSENT
  return `{${written(values, (value) => (value === null ? 'NULL' : quoted(String(value)))).join(',')}}`
}

export interface JoinedBytes {
  bytes: Uint8Array
  /** Where each begins, counted from 1, as `substring` counts. */
  starts: string
  /** Null for none. */
  lengths: string
}

/**
 * Bytes one after the other, to be cut up with `substring`. As texts in an array each of them would be read character by
 * character, twice.
 */
export function joinBytes(values: readonly (Uint8Array | null)[]): JoinedBytes {
  let end = 1
  const starts = values.map((value) => {
    const start = end
    end += value?.length ?? 0
    return start
  })
  return {
    bytes: Buffer.concat(values.filter((value) => value !== null)),
    starts: plainList(starts),
    lengths: plainList(values.map((value) => (value ? value.length : null))),
  }
}

/** JSON, for `string_to_array(…, chr(30), '')`: it needs no quotes, since that character is never in it. */
export function jsonList(values: readonly unknown[]): string {
  return written(values, (value) => (value === null ? '' : JSON.stringify(value))).join('\x1e')
}

/** Bytes for `decode`, a third shorter than in the notation of Postgres. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/** What comes several times in a row is written out once. */
function written<T>(values: readonly T[], write: (value: T) => string): string[] {
  let last: T | undefined
  let text = ''
  return values.map((value) => {
    if (value !== last) text = write(value)
    last = value
    return text
  })
}

/** Most need no quotes, which Prisma would have to escape: it sends its parameters through JSON. */
function quoted(text: string): string {
  if (/^[^\s{},"\\]+$/.test(text) && !/^null$/i.test(text)) return text
  return `"${/["\\]/.test(text) ? text.replaceAll(/["\\]/g, '\\$&') : text}"`
}
