import { MAX_SPAN_MS } from '../check/bounds.ts'
import { checkKeys, checkObject, checkOneOf, checkText } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import type { Dedupe, DuplicateAction } from '../policy/request.ts'

/** Makes repeated spawns of the same thing one request. */
export interface DedupeOptions {
  /**
   * Deduplication key, 1 to 200 characters. A channel has one request with a given key at a time, whatever its state. To learn
   * whether the request is new, pass an `id` as well: the spawn returns another one if the key was taken.
   */
  key: string
  /** How long from now the request holds its key; 1 ms to 100 years. @default as long as its row exists */
  for?: Duration
  /**
   * What a spawn does if the channel has a request with the key. `'keep'`: nothing, and it returns that request's id.
   * `'replace'`: the new content is sent. If the existing request has had no attempt and is in the same line, it takes the new
   * content and options and keeps its id and place; otherwise a new request takes the key, and the existing one is cancelled
   * unless it is final. `'error'`: it throws {@link DuplicateRequestError}. @default 'keep'
   */
  onDuplicate?: DuplicateAction
}

/** Dedupe options shared by the requests of a {@link Requeuest.spawnMany}; each has its own key. */
export type SpawnManyDedupeOptions = Omit<DedupeOptions, 'key'>

const FIELD = 'options.dedupe'

/** Throws {@link InvalidInputError} if an option is invalid. */
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
