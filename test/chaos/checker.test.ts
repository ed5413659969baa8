import { expect, test } from 'vitest'
import { check } from './checker.ts'
import type { AttemptFact, History, Move } from './lab/history.ts'

const PID = 7

const move = (seq: number, id: string, from: string | null, to: string, by: number, at: number, before = 0): Move => {
  return { seq, id, from, to, countBefore: before, countAfter: before + by, at }
}

const attempt = (id: string, number: number, outcome: string, token: number | null, at: number): AttemptFact => {
  const status = outcome === 'accepted' ? 200 : outcome === 'rejected' ? 503 : null
  const body = token === null ? null : String(token)
  return { id, number, outcome, status, body, workerPid: PID, startedAt: at }
}

/** `a` is accepted at its second try; `b` stands behind it in line; `x` was rolled back. */
function rightHistory(): History {
  return {
    spawns: [
      { what: 'intent', ids: ['a', 'b'], at: 0 },
      { what: 'acked', ids: ['a', 'b'], at: 5 },
      { what: 'intent', ids: ['x'], at: 6 },
      { what: 'rolledback', ids: ['x'], at: 7 },
    ],
    arrivals: [
      { token: 0, id: 'a', at: 11, answer: 503, answeredAt: 12 },
      { token: 1, id: 'a', at: 31, answer: 200, answeredAt: 32 },
      { token: 2, id: 'b', at: 51, answer: 200, answeredAt: 52 },
    ],
    faults: [],
    requests: [
      { id: 'a', state: 'delivered', failureCode: null, attemptCount: 2, line: 'l' },
      { id: 'b', state: 'delivered', failureCode: null, attemptCount: 1, line: 'l' },
    ],
    attempts: [
      attempt('a', 1, 'rejected', 0, 10),
      attempt('a', 2, 'accepted', 1, 30),
      attempt('b', 1, 'accepted', 2, 50),
    ],
    moves: [
      move(1, 'a', null, 'pending', 0, 1),
      move(2, 'b', null, 'pending', 0, 2),
      move(3, 'a', 'pending', 'claimed', 1, 10),
      move(4, 'a', 'claimed', 'pending', 0, 20, 1),
      move(5, 'a', 'pending', 'claimed', 1, 30, 1),
      move(6, 'a', 'claimed', 'delivered', 0, 40.5, 2),
      move(7, 'b', 'pending', 'claimed', 1, 50),
      move(8, 'b', 'claimed', 'delivered', 0, 60, 1),
    ],
    deaths: [],
  }
}

/** What the checker finds, as `invariant about`, once the right history was made wrong. */
function found(spoil: (history: History) => void): string[] {
  const history = rightHistory()
  spoil(history)
  return check(history).violations.map(({ invariant, about }) => `${invariant} ${about}`)
}

/** `b` arrived once more after it was accepted, from a try that a worker did not report. */
function duplicate(history: History): void {
  history.attempts[2] = attempt('b', 1, 'abandoned', null, 50)
  history.attempts.push(attempt('b', 2, 'accepted', 3, 70))
  history.arrivals.push({ token: 3, id: 'b', at: 71, answer: 200, answeredAt: 72 })
  history.requests[1]!.attemptCount = 2
  history.moves[7] = move(8, 'b', 'claimed', 'pending', 0, 60, 1)
  history.moves.push(move(9, 'b', 'pending', 'claimed', 1, 70, 1), move(10, 'b', 'claimed', 'delivered', 0, 80, 2))
}

test('finds nothing in a right history, and counts what there was', () => {
  const verdict = check(rightHistory())
  expect(verdict).toMatchObject({ acknowledged: 2, rolledBack: 1, lost: [], unexpected: [], recovered: [] })
  expect(verdict.duplicated).toEqual([])
  expect(verdict.violations).toEqual([])
})

test.each<[string, string, (history: History) => void]>([
  ['an acknowledged request that is gone', 'I1 b', (h) => h.requests.pop()],
  ['one that is never final', 'I1 b', (h) => (h.requests[1]!.state = 'pending')],
  ['one that was cancelled', 'I1 b', (h) => (h.requests[1]!.state = 'cancelled')],
  ['one that failed', 'I1 b', (h) => Object.assign(h.requests[1]!, { state: 'failed', failureCode: 'expired' })],
  [
    'poison without lost leases',
    'I1 b',
    (h) => Object.assign(h.requests[1]!, { state: 'failed', failureCode: 'poisonous' }),
  ],
  ['one delivered that never arrived', 'I1 b', (h) => h.arrivals.pop()],
  ['one delivered that was refused', 'I1 b', (h) => (h.arrivals[2]!.answer = 503)],
  ['a rolled back request in the table', 'I2 x', (h) => h.requests.push({ ...h.requests[0]!, id: 'x', line: null })],
  ['a rolled back request that was sent', 'I2 x', (h) => h.arrivals.push({ ...h.arrivals[0]!, token: 9, id: 'x' })],
  ['a request that nobody spawned', 'I2 y', (h) => h.requests.push({ ...h.requests[0]!, id: 'y', line: null })],
  ['an arrival without a row', 'I3 a', (h) => h.attempts.shift()],
  ['a row without an arrival', 'I3 a', (h) => h.arrivals.shift()],
  ['a status that the receiver did not answer', 'I3 a', (h) => (h.attempts[0]!.status = 500)],
  ['a response that was given to another', 'I3 b', (h) => (h.attempts[2]!.body = '0')],
  ['an accepted try that was rejected', 'I3 a', (h) => (h.attempts[0]!.outcome = 'accepted')],
  ['a row twice for one arrival', 'I3 b', (h) => h.attempts.push(attempt('b', 2, 'accepted', 2, 55))],
  ['a try that was claimed and has no row', 'I3 b', (h) => (h.requests[1]!.attemptCount = 2)],
  ['an answer called a network error', 'I3 a', (h) => (h.attempts[0] = attempt('a', 1, 'network_error', null, 10))],
  ['a duplicate for no reason', 'I4 b', duplicate],
  ['a final state that was left', 'I6 b', (h) => h.moves.push(move(9, 'b', 'delivered', 'claimed', 1, 70, 1))],
  ['a claim that counts no try', 'I6 b', (h) => (h.moves[6]!.countAfter = 0)],
  ['a claim of what is claimed', 'I6 a', (h) => (h.moves[4]!.from = 'claimed')],
  ['a deletion', 'I6 b', (h) => h.moves.push({ ...move(9, 'b', 'delivered', '', 0, 70), to: null })],
  ['a step that is missing', 'I6 a', (h) => h.moves.splice(3, 1)],
  ['one sent before its turn', 'I7 b', (h) => (h.arrivals[2]!.at = 39)],
  ['one sent while the one ahead never ends', 'I7 b', (h) => h.moves.splice(5, 1)],
  [
    'a process that ended by itself',
    'I17 worker-1 (7)',
    (h) => h.deaths.push({ name: 'worker-1', pid: PID, code: '1' }),
  ],
])('finds %s', (_, violation, spoil) => {
  expect(found((history) => void spoil(history))).toContain(violation)
})

test.each([
  ['kill', PID, 55],
  ['stop', PID, 55],
  ['terminate', null, 55],
  ['crash', null, 55],
] as const)('names %s as the cause of a duplicate', (kind, pid, at) => {
  const history = rightHistory()
  duplicate(history)
  history.faults.push({ kind, pid, from: at, until: at + 1 })
  const verdict = check(history)
  expect(verdict.duplicated).toEqual([{ id: 'b', token: 3, cause: kind }])
  expect(verdict.violations).toEqual([])
})

test.each([
  ["another worker's kill", PID + 1, 55],
  ['a kill long before the try', PID, -2000],
  ['a kill after the duplicate', PID, 72],
])('does not take %s for the cause', (_, pid, at) => {
  expect(
    found((history) => {
      duplicate(history)
      history.faults.push({ kind: 'kill', pid, from: at, until: at })
    }),
  ).toEqual(['I4 b'])
})

test('a timeout that the row admits is a cause', () => {
  const history = rightHistory()
  duplicate(history)
  history.attempts[2]!.outcome = 'timeout'
  expect(check(history)).toMatchObject({ duplicated: [{ cause: 'timeout' }], violations: [] })
})

test('a retry after a refusal, a reset or silence is no duplicate', () => {
  for (const answer of [503, 'reset', 'none'] as const) {
    const history = rightHistory()
    duplicate(history)
    history.arrivals[2]!.answer = answer
    expect(check(history)).toMatchObject({ duplicated: [], violations: [] })
  }
})

test('a reset may be a network error', () => {
  const history = rightHistory()
  history.arrivals[0]!.answer = 'reset'
  history.attempts[0] = attempt('a', 1, 'network_error', null, 10)
  expect(check(history).violations).toEqual([])
})

test('an unacknowledged spawn may or may not have worked', () => {
  const history = rightHistory()
  history.spawns.splice(1, 1)
  history.spawns.push({ what: 'intent', ids: ['z'], at: 8 })
  expect(check(history)).toMatchObject({ recovered: ['a', 'b'], lost: [], violations: [] })
})

test('what fails after five lost leases in a row is not lost', () => {
  const history = rightHistory()
  history.requests[1] = { id: 'b', state: 'failed', failureCode: 'poisonous', attemptCount: 5, line: null }
  history.attempts.splice(2, 1, ...[1, 2, 3, 4, 5].map((number) => attempt('b', number, 'abandoned', null, 50)))
  expect(check(history)).toMatchObject({ lost: [], violations: [] })
})
