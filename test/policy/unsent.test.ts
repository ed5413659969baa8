import { expect, test } from 'vitest'
import type { ClaimedRequest } from '../../src/policy/request.ts'
import { refuseToSend } from '../../src/policy/unsent.ts'
import { claimedRequest } from '../support/claimed-request.ts'

const NOW = Date.UTC(2026, 10, 24, 12)

test.each<[string, Partial<ClaimedRequest>]>([
  ['when it never expires', {}],
  ['when it expires later', { expiresAtMs: NOW + 1 }],
])('a claimed request is sent %s', (_, more) => {
  expect(refuseToSend(claimedRequest(more))).toBeNull()
})

test.each<[string, Partial<ClaimedRequest>, string, string | RegExp]>([
  ['when it had expired', { expiresAtMs: NOW - 1 }, 'expired', /expired before/],
  ['when it expires right now', { expiresAtMs: NOW }, 'expired', /expired before/],
  ['when its row is senseless', { problem: 'The accept set is empty.' }, 'invalid', /empty/],
  ['though it is senseless as well, when it had expired', { problem: 'no', expiresAtMs: NOW }, 'expired', /expired/],
])('a claimed request is not sent %s', (_, more, outcome, message) => {
  const delivery = refuseToSend(claimedRequest(more))
  expect(delivery).toMatchObject({
    outcome,
    errorCode: outcome === 'expired' ? 'expired' : 'invalid_request',
    errorMessage: expect.stringMatching(message),
    status: null,
    durationMs: 0,
  })
})
