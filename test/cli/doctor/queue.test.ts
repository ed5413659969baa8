import { expect, test } from 'vitest'
import type { Finding } from '../../../src/cli/doctor/finding.ts'
import {
  channelFindings,
  expiredClaims,
  failureFindings,
  lineFindings,
  originFindings,
  scheduleFindings,
  workerFindings,
} from '../../../src/cli/doctor/queue.ts'
import type { FailureGroup } from '../../../src/inspect/failures.ts'

const at = new Date('2026-11-30T12:00:00Z')
const counted = (count: number, isEstimate = false) => ({ count, isEstimate })
const none = { concurrency: null, rate: null, pausedAt: null }
const channel = {
  ...{ channel: 'a', due: counted(3), delayed: counted(0), inLine: counted(0), claimed: counted(0), workers: 1 },
  ...{ oldestDueAt: at, oldestDueMs: 120_000, ...none },
}
const worker = {
  ...{ id: 'w', host: 'h', pid: 7, version: '0.1.0', channels: 'all' as const, concurrency: 1, claimed: 0 },
  ...{ startedAt: at, lastSeenAt: at, isLive: true },
}
const origin = {
  origin: 'https://a.example',
  breaker: 'closed' as const,
  openUntil: null,
  openCount: 0,
  retryAt: null,
  ...none,
}
const line = { channel: 'a', key: 'k', heldById: 'id', heldAt: at, waiting: counted(1) }
const group = {
  ...{
    origin: 'https://a.example',
    failureCode: 'attempts_exhausted' as const,
    outcome: 'rejected' as const,
    status: 503,
  },
  ...{ errorCode: null, count: 10, firstAt: at, lastAt: at, exampleId: 'id', where: {} },
}
const report = (groups: FailureGroup[], isComplete = true) => ({ groups, isComplete })
const schedule = {
  ...{ name: 's', cron: '@daily', timezone: 'UTC', channel: 'a', method: 'GET', url: '', catchUp: 'once' as const },
  ...{ jitterMs: 0, nextRunAt: null, lastRunAt: null, pausedAt: null, problem: 'The URL is none.' },
}

test.each<[what: string, findings: Finding[], checks: string[]]>([
  ['due requests that no worker serves', channelFindings({ ...channel, workers: 0 }), ['no_worker']],
  ['due requests that are late', channelFindings(channel), ['late']],
  ['a paused channel with due requests', channelFindings({ ...channel, pausedAt: at }), ['paused']],
  ['a paused channel without', channelFindings({ ...channel, pausedAt: at, due: counted(0), oldestDueMs: null }), []],
  ['requests that have only just become due', channelFindings({ ...channel, workers: 0, oldestDueMs: 500 }), []],
  ['a worker that is silent', workerFindings({ ...worker, isLive: false }), ['silent_worker']],
  ['a worker that lives', workerFindings(worker), []],
  ['claims past their lease', expiredClaims(2, 60_000), ['expired_claims']],
  ['no such claims', expiredClaims(0, 0), []],
  ['an open breaker', originFindings({ ...origin, breaker: 'half_open', openUntil: at }), ['breaker']],
  ['an origin that asked to be left alone', originFindings({ ...origin, retryAt: at }), ['breaker']],
  ['a paused origin', originFindings({ ...origin, pausedAt: at }), ['paused']],
  ['an origin with nothing but a limit', originFindings({ ...origin, concurrency: 5 }), []],
  ['held lines, of many the first five', lineFindings(Array(7).fill(line)), Array(6).fill('held_line')],
  ['a schedule with a problem', scheduleFindings(schedule), ['schedule']],
  ['a schedule without', scheduleFindings({ ...schedule, problem: null }), []],
  ['ten requests that failed alike', failureFindings(report([group])), ['failures']],
  ['nine requests that failed alike', failureFindings(report([{ ...group, count: 9 }])), []],
])('the doctor looks at %s', (_, findings, checks) => {
  expect(findings.map(({ check }) => check)).toEqual(checks)
  for (const { message, advice } of findings) expect(`${message} ${advice}`).toMatch(/^[A-Z\d].*\. .*\.$/)
})

test('what is advised can be pasted', () => {
  expect(failureFindings(report([group]))[0]?.advice).toContain(
    '`requeuest redrive --state failed --origin https://a.example --failure-code attempts_exhausted --status 503`',
  )
  expect(lineFindings([{ ...line, key: "it's" }])[0]?.advice).toContain(
    "`requeuest release --channel a --key 'it'\\''s'`",
  )
  const hostile = 'x; reboot'
  for (const [finding] of [
    originFindings({ ...origin, origin: hostile, pausedAt: at }),
    originFindings({ ...origin, origin: hostile, retryAt: at }),
    failureFindings(report([{ ...group, failureCode: hostile as 'poison' }])),
    channelFindings({ ...channel, channel: hostile, pausedAt: at }),
  ]) {
    expect(finding?.advice).toContain(`'${hostile}'`)
  }
})

test('a count that ended before all were looked at is not told as the whole', () => {
  expect(failureFindings(report([group], false))[0]?.message).toMatch(/^At least 10 requests/)
})
