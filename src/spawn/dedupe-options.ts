import { MAX_SPAN_MS } from '../core/bounds.ts'
import { checkInteger, checkOneOf, checkText } from '../core/check.ts'
import type { Dedupe, OnDuplicate } from '../core/request.ts'
import { InvalidInputError } from '../errors.ts'

/** How a spawn that has been made already is recognised. */
export interface DedupeOptions {
  /**
   * A text of 1 to 200 characters of which the channel has one request at a time, whatever became of that. To learn whether
   * there was one, give an `id` as well: another one is returned then. @default none
   */
  dedupeKey?: string
  /** For how many milliseconds from now the key is this request's. @default as long as its row is there */
  dedupeForMs?: number
  /**
   * What happens when the channel has a request with the key. `'keep'`: that one stays as it is. `'replace'`: what is
   * spawned now will be sent. If that one was not tried yet and is in the same line, it gets the new content and options and
   * keeps its id and place; otherwise a new request gets the key, and that one is cancelled if it is not final.
   * `'error'`: a {@link DuplicateRequestError} is thrown. @default 'keep'
   */
  onDuplicate?: OnDuplicate
}

export const DEDUPE_KEYS = ['dedupeKey', 'dedupeForMs', 'onDuplicate'] as const

export function resolveDedupe(options: DedupeOptions): Dedupe | null {
  const { dedupeKey } = options
  const terms = resolveDedupeTerms(options)
  if (dedupeKey !== undefined) return { key: checkText('options.dedupeKey', dedupeKey, 200), ...terms }
  for (const name of ['dedupeForMs', 'onDuplicate'] as const) {
    if (options[name] === undefined) continue
    throw new InvalidInputError(`options.${name}`, options[name], 'left out, or `dedupeKey` given: it speaks of that')
  }
  return null
}

/** What does not need a key to be checked. */
export function resolveDedupeTerms({ dedupeForMs, onDuplicate = 'keep' }: DedupeOptions): Omit<Dedupe, 'key'> {
  return {
    forMs: dedupeForMs === undefined ? null : checkInteger('options.dedupeForMs', dedupeForMs, 1, MAX_SPAN_MS),
    onDuplicate: checkOneOf('options.onDuplicate', onDuplicate, ['keep', 'replace', 'error']),
  }
}
