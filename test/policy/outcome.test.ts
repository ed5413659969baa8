import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Delivery } from '../../src/policy/attempt.ts'
import { type Decision, decideOutcome } from '../../src/policy/outcome.ts'
import type { ClaimedRequest } from '../../src/policy/request.ts'
import type { RetryPolicy } from '../../src/policy/retry-policy.ts'
import type { CheckedVerdict } from '../../src/policy/verdict.ts'
import { claimedRequest } from '../support/claimed-request.ts'
import { response } from '../support/factory.ts'

const NOW = Date.UTC(2026, 10, 24, 12)
const RETRY: RetryPolicy = { maxAttempts: 5, baseMs: 1000, factor: 2, maxMs: 10_000, jitter: 'none' }

function claimed({ retry, ...more }: Partial<Omit<ClaimedRequest, 'retry'>> & { retry?: Partial<RetryPolicy> } = {}) {
  const terms = { accept: ['2xx', '404'], retry: { ...RETRY, ...retry }, claimedAtMs: NOW - 1000 }
  return claimedRequest({ ...terms, ...more })
}

function failed(outcome: Delivery['outcome'], more: Partial<Delivery> = {}): Delivery {
  return { ...response(0), outcome, status: null, headers: null, body: null, ...more }
}

const decide = (request: ClaimedRequest, delivery: Delivery) => decideOutcome(request, delivery, NOW, () => 0.5)

test.each<[string, Delivery, Decision]>([
  ['a response of an accepted class', response(204), { outcome: 'accepted', state: 'delivered' }],
  ['a response of an accepted status', response(404), { outcome: 'accepted', state: 'delivered' }],
  ['any other response', response(503), { outcome: 'rejected', state: 'pending', delayMs: 1000 }],
  ['a timeout', failed('timeout'), { outcome: 'timeout', state: 'pending', delayMs: 1000 }],
  ['a network error', failed('network_error'), { outcome: 'network_error', state: 'pending', delayMs: 1000 }],
  ['an abandoned attempt', failed('abandoned'), { outcome: 'abandoned', state: 'pending', delayMs: 1000 }],
  ['a blocked address', failed('blocked'), { outcome: 'blocked', state: 'failed', failureCode: 'address_blocked' }],
  ['a senseless row', failed('invalid'), { outcome: 'invalid', state: 'failed', failureCode: 'invalid_request' }],
  ['an expiry', failed('expired'), { outcome: 'expired', state: 'failed', failureCode: 'expired' }],
])('after an attempt %s decides what becomes of the request', (_, delivery, expected) => {
  expect(decide(claimed(), delivery)).toEqual(expected)
})

test.each<[string, number, Decision]>([
  ['that fails', 410, { outcome: 'rejected', state: 'failed', failureCode: 'rejected' }],
  ['that is an exception', 408, { outcome: 'rejected', state: 'pending', delayMs: 1000 }],
  ['with a backoff of its own', 429, { outcome: 'rejected', state: 'pending', delayMs: 3000 }],
  ['that is accepted all the same', 404, { outcome: 'accepted', state: 'delivered' }],
  ['of which nothing is said', 500, { outcome: 'rejected', state: 'pending', delayMs: 1000 }],
])('after an attempt a status %s is dealt with by the rules of the request', (_, status, expected) => {
  const onStatus = { '4xx': 'fail', 408: 'retry', 429: { base: '3s' } } as const
  expect(decide(claimed({ onStatus }), response(status))).toEqual(expected)
})

test('after an attempt a backoff of a status goes with a row that waits for longer than an option can say', () => {
  const request = claimed({
    retry: { baseMs: 2_147_483_647, maxMs: 2_147_483_647 },
    onStatus: { 429: { factor: 3 } },
  })
  expect(() => decide(request, response(429))).not.toThrow()
  expect(decide(request, response(429))).toMatchObject({ state: 'pending', delayMs: 2_147_483_647 })
})

test('after an attempt a backoff of a status keeps what it does not name, and bounds Retry-After', () => {
  const onStatus = { 429: { max: 1500 } }
  const asking = response(429, { headers: [['retry-after', '60']] })
  expect(decide(claimed({ onStatus, number: 3 }), asking)).toMatchObject({ delayMs: 1500 })
  const listed = claimed({ retry: { delaysMs: [7, 8] }, onStatus: { 502: { factor: 3 } } })
  expect(decide(listed, response(500))).toMatchObject({ delayMs: 7 })
  expect(decide({ ...listed, number: 2 }, response(502))).toMatchObject({ delayMs: 3000 })
})

test('after an attempt a token that was dropped means another attempt at once, unless there is none left or the caller says otherwise', () => {
  const refused = response(401, { retryAtOnce: true, headers: [['retry-after', '9']] })
  const request = claimed({ onStatus: { 401: 'fail' } })
  expect(decide(request, refused)).toEqual({ outcome: 'rejected', state: 'pending', delayMs: 0 })
  expect(decide({ ...request, number: 5 }, refused)).toMatchObject({ failureCode: 'attempts_exhausted' })
  const judged = (verdict: CheckedVerdict) => decideOutcome(request, refused, NOW, () => 0.5, verdict)
  expect(judged('fail')).toMatchObject({ failureCode: 'rejected' })
  expect(judged('retry')).toMatchObject({ delayMs: 9000 })
})

test('after an attempt a status before the connection broke has no say', () => {
  const broken = failed('network_error', { status: 410 })
  expect(decide(claimed({ onStatus: { 410: 'fail' } }), broken)).toMatchObject({ state: 'pending' })
})

test.each<[CheckedVerdict, Delivery, Partial<Decision>]>([
  ['deliver', response(500), { outcome: 'accepted', state: 'delivered' }],
  ['retry', response(200), { outcome: 'rejected', state: 'pending', delayMs: 1000 }],
  ['retry', response(410), { outcome: 'rejected', state: 'pending', delayMs: 1000 }],
  ['fail', response(200), { outcome: 'rejected', state: 'failed', failureCode: 'rejected' }],
  ['fail', failed('timeout'), { outcome: 'timeout', state: 'failed', failureCode: 'rejected' }],
  [{ retryInMs: 5 }, failed('network_error'), { outcome: 'network_error', state: 'pending', delayMs: 5 }],
  [{ retryInMs: 0 }, response(410), { outcome: 'rejected', state: 'pending', delayMs: 0 }],
  ['deliver', failed('blocked'), { outcome: 'blocked', failureCode: 'address_blocked' }],
  ['retry', failed('invalid'), { outcome: 'invalid', failureCode: 'invalid_request' }],
])('after an attempt the verdict %j outweighs the rules', (verdict, delivery, expected) => {
  const request = claimed({ onStatus: { 410: 'fail' } })
  expect(decideOutcome(request, delivery, NOW, () => 0.5, verdict)).toMatchObject(expected)
})

test.each<CheckedVerdict>(['retry', { retryInMs: 5 }])(
  'after an attempt the verdict %j gives no more attempts nor time',
  (verdict) => {
    const spent = decideOutcome(claimed({ number: 5 }), response(500), NOW, () => 0.5, verdict)
    expect(spent).toMatchObject({ failureCode: 'attempts_exhausted' })
    const late = decideOutcome(claimed({ expiresAtMs: NOW + 5 }), response(500), NOW, () => 0.5, verdict)
    expect(late).toMatchObject({ failureCode: 'expired' })
  },
)

test('after an attempt a broken connection is no success, whatever status came before it broke', () => {
  const decision = decide(claimed(), failed('network_error', { status: 200, headers: [] }))
  expect(decision).toEqual({ outcome: 'network_error', state: 'pending', delayMs: 1000 })
})

test('after an attempt the wait grows with the number of the attempt', () => {
  expect(decide(claimed({ number: 3 }), response(503))).toMatchObject({ delayMs: 4000 })
})

test.each([[response(503)], [failed('timeout')], [failed('network_error')], [failed('abandoned')]])(
  'after an attempt the last attempt that is allowed is the last one (%#)',
  (delivery) => {
    expect(decide(claimed({ number: 4 }), delivery)).toMatchObject({ state: 'pending' })
    const exhausted = { state: 'failed', failureCode: 'attempts_exhausted' }
    expect(decide(claimed({ number: 5 }), delivery)).toMatchObject(exhausted)
    expect(decide(claimed({ number: 6 }), delivery)).toMatchObject(exhausted)
  },
)

test('after an attempt the last attempt may still succeed', () => {
  expect(decide(claimed({ number: 5 }), response(200))).toEqual({ outcome: 'accepted', state: 'delivered' })
})

test.each([
  [NOW + 1001, { state: 'pending', delayMs: 1000 }],
  [NOW + 1000, { state: 'failed', failureCode: 'expired' }],
  [NOW - 1, { state: 'failed', failureCode: 'expired' }],
])(
  'after an attempt a next attempt that would come at the expiry or later is not waited for (%#)',
  (expiresAtMs, expected) => {
    expect(decide(claimed({ expiresAtMs }), response(503))).toMatchObject(expected)
  },
)

test('after an attempt an accepted response counts even after the expiry', () => {
  expect(decide(claimed({ expiresAtMs: NOW - 1 }), response(200))).toMatchObject({ state: 'delivered' })
})

test('after an attempt attempts that are used up are named rather than the expiry', () => {
  const decision = decide(claimed({ number: 5, expiresAtMs: NOW }), response(503))
  expect(decision).toMatchObject({ failureCode: 'attempts_exhausted' })
})

const busy = (value: string) => response(503, { headers: [['Retry-After', value]] })

test.each([
  ['7', 7000],
  ['0', 1000],
  ['10', 10_000],
  ['11', 10_000],
  ['86400', 10_000],
  ['9'.repeat(400), 10_000],
  ['Tue, 24 Nov 2026 12:00:07 GMT', 7000],
  ['Wed, 24 Nov 2027 12:00:00 GMT', 10_000],
  ['soon', 1000],
])('a Retry-After of %s makes the wait %i ms: at least our own, at most the maximum', (value, delayMs) => {
  expect(decide(claimed(), busy(value))).toEqual({ outcome: 'rejected', state: 'pending', delayMs })
})

test('a Retry-After that is shorter than our own wait does not shorten it', () => {
  expect(decide(claimed({ number: 3 }), busy('1'))).toMatchObject({ delayMs: 4000 })
})

test('a Retry-After beyond the expiry gives the request up', () => {
  expect(decide(claimed({ expiresAtMs: NOW + 5000 }), busy('7'))).toMatchObject({ failureCode: 'expired' })
})

test('a Retry-After of a response that is accepted changes nothing', () => {
  expect(decide(claimed(), { ...busy('7'), status: 200 })).toEqual({ outcome: 'accepted', state: 'delivered' })
})

test('any attempt leads to a final state, or to a wait within the policy that ends before the expiry', () => {
  const anyDelivery = fc.oneof(
    fc.integer({ min: 200, max: 999 }).map((status) => response(status)),
    fc.constantFrom<Delivery['outcome']>('timeout', 'network_error', 'blocked', 'abandoned').map((it) => failed(it)),
  )
  const anyRequest = fc.record({
    number: fc.integer({ min: 1, max: 2_147_483_647 }),
    expiresAtMs: fc.option(fc.integer({ min: NOW - 10_000, max: NOW + 10_000 })),
    retry: fc.record({
      maxAttempts: fc.integer({ min: 1, max: 2_147_483_647 }),
      baseMs: fc.nat({ max: 20_000 }),
      factor: fc.double({ min: 1, max: 1000, noNaN: true }),
      maxMs: fc.nat({ max: 20_000 }),
    }),
  })
  const anyWait = fc.option(fc.bigInt({ min: 0n, max: 10n ** 30n }))
  fc.assert(
    fc.property(anyRequest, anyDelivery, anyWait, (parts, delivery, wait) => {
      const request = claimed(parts)
      const headers: [string, string][] = wait === null ? [] : [['retry-after', String(wait)]]
      const decision = decide(request, { ...delivery, headers })
      if (decision.state !== 'pending') return
      expect(request.number).toBeLessThan(request.retry.maxAttempts)
      expect(decision.delayMs).toBeGreaterThanOrEqual(0)
      expect(decision.delayMs).toBeLessThanOrEqual(request.retry.maxMs)
      if (request.expiresAtMs !== null) expect(NOW + decision.delayMs).toBeLessThan(request.expiresAtMs)
    }),
    { numRuns: 500 },
  )
})
