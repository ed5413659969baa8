import { InvalidInputError } from '../errors.ts'
import type { HeaderPairs } from '../message/message.ts'
import { SIGNATURE_HEADERS } from '../message/signing.ts'
import type { ResolvedOptions } from '../options/instance.ts'

/** Refuses a signature of the caller's on a channel that has signatures of its own. */
export function checkUnsigned(
  field: string,
  headers: HeaderPairs,
  channel: string,
  { signed }: Pick<ResolvedOptions, 'signed'>,
): void {
  if (!signed.has(channel)) return
  const index = headers.findIndex(([name]) => SIGNATURE_HEADERS.includes(name.toLowerCase()))
  if (index < 0) return
  const expected = 'omitted: each attempt of this channel is signed anew (`channels` of the constructor)'
  throw new InvalidInputError(`${field}.headers[${index}]`, headers[index]?.[0], expected)
}
