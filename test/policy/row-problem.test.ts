import { expect, test } from 'vitest'
import { problemOfTerms } from '../../src/policy/row-problem.ts'

const TERMS = {
  number: 1,
  attemptsBefore: 0,
  priority: 5,
  accept: ['2xx', '404', '500-599'],
  timeoutMs: 30_000,
  maxRedirects: 0,
  retry: { maxAttempts: 5, baseMs: 1000, factor: 2, maxMs: 10_000, jitter: 'none' as const, delaysMs: [0, 10] },
  onStatus: {},
}

test('nothing is wrong with the terms that a spawn writes', () => {
  expect(problemOfTerms(TERMS)).toBeNull()
})

test.each<[string, object, string | RegExp]>([
  ['that accept nothing', { accept: [] }, /empty/],
  ['of which an accept rule names no status', { accept: ['2xx', '6xx'] }, /names no status: "6xx"$/],
  ['of which an accept rule is null', { accept: [null] }, /names no status: null$/],
  ['of which an accept rule is a list', { accept: [['2xx']] }, /names no status: a list$/],
  ['of which an accept rule is endless', { accept: ['x'.repeat(10_000)] }, /^.{0,200}$/],
  ['with a count of attempts below the claim', { number: 0 }, /^attemptCount/],
  ['with more attempts before a redrive than ever', { attemptsBefore: 2 }, /^attemptsBefore/],
  ['with a priority of -5', { priority: -5 }, /^priority/],
  ['with a timeout of 24 days', { timeoutMs: 2_147_483_647 }, /^timeoutMs/],
  ['with a negative timeout', { timeoutMs: -1 }, /^timeoutMs/],
  ['with 21 redirects', { maxRedirects: 21 }, /^maxRedirects/],
  ['without an attempt', { retry: { ...TERMS.retry, maxAttempts: 0 } }, /^maxAttempts/],
  ['with a negative wait', { retry: { ...TERMS.retry, baseMs: -1 } }, /^backoffBaseMs/],
  ['with a negative longest wait', { retry: { ...TERMS.retry, maxMs: -1 } }, /^backoffMaxMs/],
  ['with a factor that is no number', { retry: { ...TERMS.retry, factor: 'NaN' } }, /^backoffFactor/],
  ['with a factor of 0', { retry: { ...TERMS.retry, factor: 0 } }, /^backoffFactor/],
  ['with waits in waits', { retry: { ...TERMS.retry, delaysMs: [[1000, 2000]] } }, /^backoffDelays\[0\]/],
  ['with a wait of null', { retry: { ...TERMS.retry, delaysMs: [1, null] } }, /^backoffDelays\[1\]/],
  ['with rules by status that are no object', { onStatus: [] }, /^onStatus/],
  ['with a rule by status that says nothing', { onStatus: { 404: 'never' } }, /^onStatus/],
])('no worker can go by terms %s', (_, more, message) => {
  expect(problemOfTerms({ ...TERMS, ...more } as typeof TERMS)).toMatch(message)
})
