import { MAX_SPAN_MS } from '../check/bounds.ts'
import { checkKeys, checkObject, checkOneOf, checkText } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import type { Dedupe, DuplicateAction } from '../policy/request.ts'

/** How a spawn that has been made already is recognised. */
export interface DedupeOptions {
  /**
   * A text of 1 to 200 characters of which the channel has one request at a time, whatever became of that. To learn whether
   * there was one, give an `id` as well: another one is returned then.
   */
  key: string
  /** For how long from now the key is this request's; 1 ms to 100 years. @default as long as its row is there */
  for?: Duration
  /**
   * What happens when the channel has a request with the key. `'keep'`: that one stays as it is. `'replace'`: what is
   * spawned now will be sent. If that one was not tried yet and is in the same line, it gets the new content and options and
   * keeps its id and place; otherwise a new request gets the key, and that one is cancelled if it is not final.
   * `'error'`: a {@link DuplicateRequestError} is thrown. @default 'keep'
   */
  onDuplicate?: DuplicateAction
}

/** What holds for each of many that has a key of its own. */
export type SpawnManyDedupeOptions = Omit<DedupeOptions, 'key'>

const FIELD = 'options.dedupe'

/** Throws {@link InvalidInputError} for what cannot be. */
export function resolveDedupe(dedupe: DedupeOptions | undefined): Dedupe | null {
  if (dedupe === undefined) return null
  checkObject(FIELD, dedupe, "an object such as { key: 'order-17', for: '7d' }")
  checkKeys(FIELD, dedupe, ['key', 'for', 'onDuplicate'])
  const terms = resolveTerms(dedupe)
  return { key: checkText(`${FIELD}.key`, dedupe.key, 200), ...terms }
}

/** As {@link resolveDedupe}, without a key: each request has its own. */
export function checkCommonDedupe(dedupe: SpawnManyDedupeOptions | undefined): void {
  if (dedupe === undefined) return
  checkObject(FIELD, dedupe, "an object such as { for: '7d' }")
  checkKeys(FIELD, dedupe, ['for', 'onDuplicate'])
  resolveTerms(dedupe)
}

function resolveTerms({ for: span, onDuplicate = 'keep' }: SpawnManyDedupeOptions): Omit<Dedupe, 'key'> {
  return {
    forMs: span === undefined ? null : checkDuration(`${FIELD}.for`, span, 1, MAX_SPAN_MS),
    onDuplicate: checkOneOf(`${FIELD}.onDuplicate`, onDuplicate, ['keep', 'replace', 'error']),
  }
}
