import type { ClaimedRequest } from '../../src/policy/request.ts'

/** A claimed request as it is read, when nothing is said of it. */
export function claimedRequest(more: Partial<ClaimedRequest> = {}): ClaimedRequest {
  return {
    id: '019ab000-0000-7000-8000-000000000000',
    number: 1,
    attemptsBefore: 0,
    priority: 5,
    channel: 'test',
    ordered: false,
    method: 'GET',
    url: 'http://example.com/',
    origin: 'http://example.com',
    encryptionKey: null,
    headers: [],
    body: null,
    accept: ['2xx'],
    timeoutMs: 30_000,
    maxRedirects: 0,
    retry: { maxAttempts: 5, baseMs: 1000, factor: 2, maxMs: 10_000, jitter: 'none' },
    onStatus: {},
    claimedAtMs: Date.UTC(2026, 10, 24, 12),
    createdAtMs: Date.UTC(2026, 10, 24, 11),
    dueAtMs: Date.UTC(2026, 10, 24, 11),
    expiresAtMs: null,
    unreadBytes: 0,
    traceContext: null,
    problem: null,
    ...more,
  }
}
