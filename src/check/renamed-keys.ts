/**
 * Where an option is that somebody may look for in another place, by the name that it would have there. Names with the unit at
 * their end, such as `timeoutMs`, are near enough to be found without this.
 */
export const RENAMED_KEYS: Readonly<Record<string, string>> = {
  maxAttempts: 'retry.maxAttempts',
  backoff: 'retry.backoff',
  onStatus: 'retry.onStatus',
  dedupeKey: 'dedupe.key',
  dedupeFor: 'dedupe.for',
  dedupeForMs: 'dedupe.for',
  onDuplicate: 'dedupe.onDuplicate',
  afterFailure: 'order.afterFailure',
  redirect: 'maxRedirects',
  openMs: 'openFor',
  maxOpenMs: 'maxOpenFor',
  orderKey: 'key',
}
