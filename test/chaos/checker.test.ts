import { expect, test } from 'vitest'
import { check } from './checker.ts'
import type { AttemptFact, Fault, History, Move, RequestFact } from './lab/history.ts'
import { TIMEOUT_MS } from './programs/script.ts'

const PID = 7
const OTHER_PID = 8
const SPAWNER_PID = 5

const move = (seq: number, id: string, from: string | null, to: string, by: number, at: number, before = 0): Move => {
  const pid = from === null || to === 'cancelled' ? SPAWNER_PID : PID
  return { seq, id, from, to, countBefore: before, countAfter: before + by, by: pid, leaseOver: false, at }
}

const attempt = (id: string, number: number, outcome: string, token: number | null, at: number): AttemptFact => {
  const status = outcome === 'accepted' ? 200 : outcome === 'rejected' ? 503 : null
  const body = token === null ? null : String(token)
  return { id, number, outcome, status, body, workerPid: PID, startedAt: at }
}

const request = (id: string, state: string, attemptCount: number, line: string | null, at: number): RequestFact => {
  return { id, channel: id, state, failureCode: null, attemptCount, line, finishedAt: at }
}

const fault = (kind: Fault['kind'], pid: number | null, from: number, until = from + 1): Fault => {
  return { kind, pid, from, until }
}

/** `a` is accepted at its second attempt; `b` stands behind it in line; `c` is cancelled; `x` was rolled back. */
function rightHistory(): History {
  return {
    notes: [
      { what: 'intent', ids: ['a', 'b'], at: 0 },
      { what: 'acked', ids: ['a', 'b'], at: 5 },
      { what: 'intent', ids: ['x'], at: 6 },
      { what: 'rolledback', ids: ['x'], at: 7 },
      { what: 'intent', ids: ['c'], at: 7 },
      { what: 'acked', ids: ['c'], at: 8 },
      { what: 'cleared', channel: 'c', at: 45 },
    ],
    arrivals: [
      { token: 0, id: 'a', body: 'a', at: 11, answer: 503, answeredAt: 12 },
      { token: 1, id: 'a', body: 'a', at: 31, answer: 200, answeredAt: 32 },
      { token: 2, id: 'b', body: 'b', at: 51, answer: 200, answeredAt: 52 },
    ],
    faults: [],
    requests: [
      request('a', 'delivered', 2, 'l', 40),
      request('b', 'delivered', 1, 'l', 60),
      request('c', 'cancelled', 0, null, 44),
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
      move(9, 'c', null, 'pending', 0, 8),
      move(10, 'c', 'pending', 'cancelled', 0, 44.5),
    ],
    deaths: [],
    workers: [
      { name: 'worker-1', pid: PID, skewMs: 0 },
      { name: 'worker-2', pid: OTHER_PID, skewMs: 3_600_000 },
    ],
    deadlocks: 0,
    mishaps: [],
  }
}

/** What the checker finds, as `invariant about`, once the right history was made wrong. */
function found(spoil: (history: History) => void): string[] {
  const history = rightHistory()
  spoil(history)
  return check(history).violations.map((violation) => violation.slice(0, violation.indexOf(':')))
}

/** `b` arrived once more after it was accepted, from an attempt that a worker did not report. */
function duplicate(history: History): void {
  history.attempts[2] = attempt('b', 1, 'abandoned', null, 50)
  history.attempts.push(attempt('b', 2, 'accepted', 3, 70))
  history.arrivals.push({ token: 3, id: 'b', body: 'b', at: 71, answer: 200, answeredAt: 72 })
  history.requests[1]!.attemptCount = 2
  history.moves[7] = { ...move(8, 'b', 'claimed', 'pending', 0, 60, 1), by: OTHER_PID, leaseOver: true }
  history.moves.push(move(11, 'b', 'pending', 'claimed', 1, 70, 1), move(12, 'b', 'claimed', 'delivered', 0, 80, 2))
}

/** The first attempt of `b` is heard of after the second began, and before that was answered. */
function lateSuccess(history: History): void {
  duplicate(history)
  history.attempts[2] = attempt('b', 1, 'accepted', 2, 50)
  Object.assign(history.attempts[3]!, { workerPid: OTHER_PID })
  history.moves[10]!.by = OTHER_PID
  Object.assign(history.moves[11]!, { by: PID, at: 71.5 })
  history.faults.push(fault('stop', PID, 50.5, 71))
}

/** A crash, a request that waits through it, and a claim of it so long after. */
function crash(history: History, claimedAfterMs: number): void {
  history.faults.push(fault('crash', null, 100, 1000))
  history.notes.push({ what: 'acked', ids: ['w'], at: 91 })
  const at = 1000 + claimedAfterMs
  history.moves.push(move(21, 'w', null, 'pending', 0, 90), move(22, 'w', 'pending', 'claimed', 1, at))
  history.moves.push(move(23, 'w', 'claimed', 'delivered', 0, at + 10, 1))
  history.requests.push(request('w', 'delivered', 1, null, at + 10))
  history.attempts.push(attempt('w', 1, 'accepted', 9, at))
  history.arrivals.push({ token: 9, id: 'w', body: 'w', at: at + 1, answer: 200, answeredAt: at + 2 })
}

test('finds nothing in a right history, and counts what there was', () => {
  const verdict = check(rightHistory())
  expect(verdict.violations).toEqual([])
  expect(verdict.totals).toEqual({ lost: [], unexpected: [], duplicated: [], recovered: [] })
  const figures = Object.fromEntries(verdict.findings.map((finding) => [finding.invariant, finding.figures]))
  expect(figures).toMatchObject({
    I1: { acknowledged: 3, delivered: 2, cancelled: 1, failed: 0 },
    I2: { 'rolled back': 1, 'without an answer at first': 0 },
    I3: { attempts: 3, arrivals: 3 },
    I4: { duplicates: 0 },
    I7: { lines: 1, 'in a line': 2 },
    I8: { clears: 1, cancelled: 1 },
    I12: { 'workers with a wrong clock': 1 },
  })
})

test.each<[string, string, (history: History) => void]>([
  ['an acknowledged request that is gone', 'I1 b', (h) => h.requests.splice(1, 1)],
  ['one that is never final', 'I1 b', (h) => (h.requests[1]!.state = 'pending')],
  ['one that became final twice', 'I1 b', (h) => h.moves.push(move(11, 'b', 'pending', 'delivered', 0, 61, 1))],
  ['one that was cancelled by nobody', 'I1 b', (h) => (h.requests[1]!.state = 'cancelled')],
  ['one that failed', 'I1 b', (h) => Object.assign(h.requests[1]!, { state: 'failed', failureCode: 'expired' })],
  [
    'poison without lost leases',
    'I1 b',
    (h) => Object.assign(h.requests[1]!, { state: 'failed', failureCode: 'poison' }),
  ],
  ['one delivered that never arrived', 'I1 b', (h) => h.arrivals.pop()],
  ['one delivered that was refused', 'I1 b', (h) => (h.arrivals[2]!.answer = 503)],
  ['a rolled back request in the table', 'I2 x', (h) => h.requests.push({ ...h.requests[0]!, id: 'x', line: null })],
  ['a rolled back request that was sent', 'I2 x', (h) => h.arrivals.push({ ...h.arrivals[0]!, token: 9, id: 'x' })],
  ['a request that nobody spawned', 'I2 y', (h) => h.requests.push({ ...h.requests[0]!, id: 'y', line: null })],
  ['an arrival without a row', 'I3 a', (h) => h.attempts.shift()],
  ['a row without an arrival', 'I3 a', (h) => h.arrivals.shift()],
  ["another's body", 'I3 a', (h) => (h.arrivals[0]!.body = 'b')],
  ['a status that the receiver did not answer', 'I3 a', (h) => (h.attempts[0]!.status = 500)],
  ['a response that was given to another', 'I3 b', (h) => (h.attempts[2]!.body = '0')],
  ['an accepted attempt that was rejected', 'I3 a', (h) => (h.attempts[0]!.outcome = 'accepted')],
  ['a row twice for one arrival', 'I3 b', (h) => h.attempts.push(attempt('b', 2, 'accepted', 2, 55))],
  ['an attempt that was claimed and has no row', 'I3 b', (h) => (h.requests[1]!.attemptCount = 2)],
  ['an answer called a network error', 'I3 a', (h) => (h.attempts[0] = attempt('a', 1, 'network_error', null, 10))],
  ['a duplicate for no reason', 'I4 b', duplicate],
  ['a claim that was ended by another', 'I5 a', (h) => (h.moves[3]!.by = OTHER_PID)],
  ['an attempt that ends before its answer', 'I5 a', (h) => (h.moves[3]!.at = 11.5)],
  ['a success that is taken for a failure', 'I5 a', (h) => (h.attempts[0]!.outcome = 'accepted')],
  ['a delivery by one who heard no success', 'I5 b', (h) => (h.moves[7]!.by = OTHER_PID)],
  ['a claim that another gave back', 'I5 a', (h) => Object.assign(h.moves[3]!, { by: OTHER_PID, countAfter: 0 })],
  ['a final state that was left', 'I6 b', (h) => h.moves.push(move(11, 'b', 'delivered', 'claimed', 1, 70, 1))],
  ['a claim that counts no attempt', 'I6 b', (h) => (h.moves[6]!.countAfter = 0)],
  ['a claim of what is claimed', 'I6 a', (h) => (h.moves[4]!.from = 'claimed')],
  ['a cancel of what is claimed', 'I6 b', (h) => (h.moves[7]!.to = 'cancelled')],
  ['a deletion', 'I6 b', (h) => h.moves.push({ ...move(11, 'b', 'delivered', '', 0, 70), to: null })],
  ['a step that is missing', 'I6 a', (h) => h.moves.splice(3, 1)],
  ['one sent before its turn', 'I7 b', (h) => (h.arrivals[2]!.at = 39)],
  ['one sent while the one ahead never ends', 'I7 b', (h) => h.moves.splice(5, 1)],
  ['one sent while the one ahead is being sent once more', 'I7 b', (h) => (h.arrivals[0]!.answeredAt = 55)],
  ['a cancel that nobody acknowledged', 'I8 c', (h) => (h.notes[6]!.at = 43)],
  ['a claim after a cancel', 'I8 c', (h) => h.moves.push(move(11, 'c', 'cancelled', 'claimed', 1, 50))],
  ['one sent without a claim', 'I8 c', (h) => h.arrivals.push({ ...h.arrivals[0]!, token: 9, id: 'c', at: 50 })],
  ['a database that comes back unnoticed', 'I10 crash at 100', (h) => crash(h, 5600)],
  ['an attempt with the time of a wrong clock', 'I12 a', (h) => (h.attempts[0]!.startedAt += 3_600_000)],
  ['an end with the time of a wrong clock', 'I12 a', (h) => (h.requests[0]!.finishedAt! -= 3_600_000)],
  ['a deadlock', 'I16 Postgres', (h) => (h.deadlocks = 1)],
  ['a fault that the lab could not do', 'lab itself', (h) => h.mishaps.push('no answer')],
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
  history.faults.push(fault(kind, pid, at))
  const { findings, totals, violations } = check(history)
  expect(findings.find((finding) => finding.invariant === 'I4')!.figures).toEqual({
    duplicates: 1,
    [`because of ${kind}`]: 1,
  })
  expect(totals.duplicated).toEqual(['b'])
  expect(violations).toEqual([])
})

test.each([
  ["another worker's kill", fault('kill', OTHER_PID, 55)],
  ['a kill long before the attempt', fault('kill', PID, -2000)],
  ['a kill after the duplicate', fault('kill', PID, 73)],
  ['a cut from the receiver of which no row speaks', fault('receiver-cut', null, 52)],
])('does not take %s for the cause', (_, irrelevant) => {
  expect(
    found((history) => {
      duplicate(history)
      history.faults.push(irrelevant)
    }),
  ).toEqual(['I4 b'])
})

test('a fault of Postgres is no cause while the lease of the accepted attempt lasted', () => {
  expect(
    found((history) => {
      duplicate(history)
      Object.assign(history.moves[7]!, { by: PID, leaseOver: false })
      history.faults.push(fault('postgres-reset', null, 52))
    }),
  ).toContain('I4 b')
})

test('a cut from the receiver is a cause where the row speaks of it', () => {
  const history = rightHistory()
  duplicate(history)
  history.attempts[2]!.outcome = 'network_error'
  history.faults.push(fault('receiver-cut', null, 52))
  expect(check(history).violations).toEqual([])
})

test('a timeout that the row admits is a cause, but not in a quiet run', () => {
  const history = rightHistory()
  duplicate(history)
  history.attempts[2]!.outcome = 'timeout'
  expect(check(history).violations).toEqual([expect.stringContaining('I4 b')])
  history.faults.push(fault('kill', OTHER_PID, 1))
  expect(check(history).violations).toEqual([])
})

test('a retry after a refusal, a reset or silence is no duplicate', () => {
  for (const answer of [503, 'reset', 'none'] as const) {
    const history = rightHistory()
    duplicate(history)
    history.arrivals[2]!.answer = answer
    expect(check(history)).toMatchObject({ totals: { duplicated: [] }, violations: [] })
  }
})

test('a late success is no stale write', () => {
  const history = rightHistory()
  lateSuccess(history)
  const { findings, violations } = check(history)
  expect(violations).toEqual([])
  expect(findings.find((finding) => finding.invariant === 'I5')!.figures).toEqual({ 'late successes': 1 })
})

test('a reset may be a network error', () => {
  const history = rightHistory()
  history.arrivals[0]!.answer = 'reset'
  history.attempts[0] = attempt('a', 1, 'network_error', null, 10)
  expect(check(history).violations).toEqual([])
})

test.each([
  ['may be a network error when the network is cut before its timeout', TIMEOUT_MS, []],
  ['is none when the network is cut long after', 3 * TIMEOUT_MS, [expect.stringContaining('I3 a')]],
])('an attempt to a silent receiver %s', (_, cutAt, violations) => {
  const history = rightHistory()
  Object.assign(history.arrivals[0]!, { answer: 'none', answeredAt: null })
  history.attempts[0] = attempt('a', 1, 'network_error', null, 10)
  history.faults.push(fault('receiver-cut', null, cutAt))
  expect(check(history).violations).toEqual(violations)
})

test('what was claimed before a cancel may arrive after it', () => {
  const history = rightHistory()
  history.moves.splice(9, 1)
  history.moves.push(move(11, 'c', 'pending', 'claimed', 1, 20))
  history.moves.push({ ...move(12, 'c', 'claimed', 'pending', 0, 40, 1), leaseOver: true })
  history.moves.push(move(13, 'c', 'pending', 'cancelled', 0, 44.5, 1))
  history.attempts.push(attempt('c', 1, 'abandoned', null, 20))
  history.arrivals.push({ token: 9, id: 'c', body: 'c', at: 50, answer: 200, answeredAt: 51 })
  history.requests[2]!.attemptCount = 1
  expect(check(history).violations).toEqual([])
})

test('a database that is back soon enough is counted', () => {
  const history = rightHistory()
  crash(history, 1234)
  const { findings, violations } = check(history)
  expect(violations).toEqual([])
  expect(findings.find((finding) => finding.invariant === 'I10')!.figures).toEqual({
    crashes: 1,
    'first claim after ms': 1234,
  })
})

test('what strikes a database that has just crashed gives it more time', () => {
  const history = rightHistory()
  crash(history, 5600)
  history.faults.push(fault('postgres-blackhole', null, 2000, 4000))
  expect(check(history).violations).toEqual([])
})

test('an unacknowledged spawn may or may not have worked', () => {
  const history = rightHistory()
  history.notes.splice(1, 1, { what: 'unknown', ids: ['a', 'b'], at: 5 })
  history.notes.push({ what: 'intent', ids: ['z'], at: 8 })
  expect(check(history)).toMatchObject({ totals: { recovered: ['a', 'b'], lost: [] }, violations: [] })
})

/** The leases of `b` ran out five times in a row. */
function poison(): History {
  const history = rightHistory()
  const numbers = [1, 2, 3, 4, 5]
  history.requests[1] = { ...request('b', 'failed', 5, null, 60), failureCode: 'poison' }
  history.attempts.splice(2, 1, ...numbers.map((number) => attempt('b', number, 'abandoned', null, 50)))
  const claims = numbers.flatMap((number) => [
    move(10 * number, 'b', 'pending', 'claimed', 1, 50 + number, number - 1),
    { ...move(10 * number + 1, 'b', 'claimed', number === 5 ? 'failed' : 'pending', 0, 60, number), leaseOver: true },
  ])
  history.moves = [...history.moves.filter((one) => one.id !== 'b' || one.from === null), ...claims]
  return history
}

test('what fails after five lost leases in a row is not lost', () => {
  expect(check(poison())).toMatchObject({ totals: { lost: [] }, violations: [] })
})

test('a stopped worker may tell later what became of its attempt', () => {
  const history = poison()
  Object.assign(history.attempts[4]!, attempt('b', 3, 'timeout', null, 50))
  expect(check(history).violations).toEqual([])
})

test('a lease that had not run out is no reason to fail', () => {
  const history = poison()
  history.moves.find((one) => one.seq === 31)!.leaseOver = false
  expect(check(history).violations).toContainEqual(expect.stringMatching(/^I1 b: failed as poison for no reason/))
})
