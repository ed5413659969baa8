import { expect, test } from 'vitest'
import type { ClaimedRequest } from '../../src/policy/request.ts'
import { refuseToSend } from '../../src/policy/unsent.ts'

const NOW = Date.UTC(2026, 10, 24, 12)

function claimed(more: Partial<ClaimedRequest>): ClaimedRequest {
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
    claimedAtMs: NOW,
    expiresAtMs: null,
    unreadBytes: 0,
    problem: null,
    ...more,
  }
}

test.each<[string, Partial<ClaimedRequest>]>([
  ['when it never expires', {}],
  ['when it expires later', { expiresAtMs: NOW + 1 }],
])('a claimed request is sent %s', (_, more) => {
  expect(refuseToSend(claimed(more))).toBeNull()
})

test.each<[string, Partial<ClaimedRequest>, string, string | RegExp]>([
  ['when it had expired', { expiresAtMs: NOW - 1 }, 'expired', /expired before/],
  ['when it expires right now', { expiresAtMs: NOW }, 'expired', /expired before/],
  ['when its row is senseless', { problem: 'The accept set is empty.' }, 'invalid', /empty/],
  ['though it is senseless as well, when it had expired', { problem: 'no', expiresAtMs: NOW }, 'expired', /expired/],
])('a claimed request is not sent %s', (_, more, outcome, message) => {
  const delivery = refuseToSend(claimed(more))
  expect(delivery).toMatchObject({
    outcome,
    errorCode: outcome === 'expired' ? 'expired' : 'invalid_request',
    errorMessage: expect.stringMatching(message),
    status: null,
    durationMs: 0,
  })
})
