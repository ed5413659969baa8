/*
 * Lists as one text that Postgres reads as an array. Given an array, Prisma and the driver would each go through every
 * element of it, which takes longer than all the rest of a statement.
 */

/** Numbers, booleans and UUIDs, whose text needs no quotes. */
export function plainList(values: readonly (string | number | boolean | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`
}

export function textList(values: readonly (string | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : quoted(value))).join(',')}}`
}

/** Bytes in base64, for `decode`. An empty element would be no element at all, hence the quotes. */
export function bytesList(values: readonly (Uint8Array | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : base64(value) || '""')).join(',')}}`
}

/** JSON, for `string_to_array(…, chr(30), '')`: it needs no quotes, since that character is never in it. */
export function jsonList(values: readonly unknown[]): string {
  return values.map((value) => (value === null ? '' : JSON.stringify(value))).join('\x1e')
}

/** Bytes for `decode`, a third shorter than in the notation of Postgres. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

function quoted(text: string): string {
  return `"${/["\\]/.test(text) ? text.replaceAll(/["\\]/g, '\\$&') : text}"`
}
