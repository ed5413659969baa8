import type { FoundChannel } from '../../inspect/channels.ts'
import { durationText } from '../../inspect/duration-text.ts'
import type { FailureReport } from '../../inspect/failures.ts'
import type { HeldLine } from '../../inspect/lines.ts'
import type { FoundOrigin } from '../../inspect/origins.ts'
import type { FoundWorker } from '../../inspect/workers.ts'
import type { FoundSchedule } from '../../schedules/schedules.ts'
import { withDatabaseErrors } from '../../store/db.ts'
import { countExpiredClaims } from '../../store/diagnosis.ts'
import { count } from '../output.ts'
import type { Session } from '../session.ts'
import type { Finding } from './finding.ts'

/** Maintenance of any worker would have rescued them by now. */
const RESCUE_MS = 10_000
const MOST_CLAIMS = 1000
const FAILED_WITHIN = '1d'

/** What is in the queue, and who serves it. */
export async function checkQueue({ db, requeuest }: Session): Promise<Finding[]> {
  const { inspect } = requeuest
  const [claims] = await withDatabaseErrors(() => countExpiredClaims(db, RESCUE_MS, MOST_CLAIMS))
  return [
    ...(await inspect.channels()).flatMap(channelFindings),
    ...(await inspect.workers()).flatMap(workerFindings),
    ...expiredClaims(claims?.count ?? 0, claims?.oldestMs ?? 0),
    ...(await inspect.origins({ limit: 1000 })).flatMap(originFindings),
    ...lineFindings(await inspect.lines()),
    ...(await requeuest.schedules()).flatMap(scheduleFindings),
    ...failureFindings(await inspect.failures({ within: FAILED_WITHIN })),
  ]
}

/** A channel whose workers keep up has nothing due for so long. */
const LATE_MS = 60_000

export function channelFindings({ channel, due, oldestDueMs, workers, pausedAt }: FoundChannel): Finding[] {
  const late = oldestDueMs !== null && oldestDueMs > LATE_MS ? durationText(oldestDueMs) : undefined
  const requests = `${due.isEstimate ? 'about ' : ''}${count(due.count, 'due request')}`
  if (pausedAt && due.count > 0) {
    return [
      warning(
        'paused',
        `The channel ${channel} is paused since ${pausedAt.toISOString()}, with ${requests}.`,
        `\`requeuest resume --channel ${word(channel)}\` ends the pause.`,
      ),
    ]
  }
  if (late === undefined) return []
  const message = `The channel ${channel} has ${requests}, the oldest for ${late}`
  if (workers === 0) {
    return [
      warning(
        'no_worker',
        `${message}, and no worker serves it.`,
        `Start a worker with \`channels: [${JSON.stringify(channel)}]\`, and look whether one has stopped; or if drains serve it, whether they run.`,
      ),
    ]
  }
  return [
    warning(
      'late',
      `${message}, although ${count(workers, 'worker')} ${workers === 1 ? 'serves' : 'serve'} it.`,
      'Look for limits, breakers and slow receivers in `requeuest stats`; raise `concurrency`, or start more workers.',
    ),
  ]
}

export function workerFindings({ id, host, pid, lastSeenAt, isLive }: FoundWorker): Finding[] {
  if (isLive) return []
  return [
    warning(
      'silent_worker',
      `The worker ${id} (${host}, pid ${pid}) has not been seen since ${lastSeenAt.toISOString()}.`,
      'It has died or does not reach the database. Others take over its requests when their leases end; restart it.',
    ),
  ]
}

export function expiredClaims(found: number, oldestMs: number): Finding[] {
  if (found === 0) return []
  const number = found < MOST_CLAIMS ? count(found, 'claim') : `${MOST_CLAIMS} claims or more`
  return [
    warning(
      'expired_claims',
      `${number} are past their lease, the oldest for ${durationText(oldestMs)}: no worker rescues them.`,
      'Start a worker, on any channel. If one runs, look at its `error` events.',
    ),
  ]
}

export function originFindings({ origin, breaker, openUntil, retryAt, pausedAt }: FoundOrigin): Finding[] {
  if (pausedAt) {
    return [
      warning(
        'paused',
        `The origin ${origin} is paused since ${pausedAt.toISOString()}.`,
        `\`requeuest resume --origin ${word(origin)}\` ends the pause.`,
      ),
    ]
  }
  const until = openUntil ?? retryAt
  if (breaker === 'closed' && until === null) return []
  const why = breaker === 'closed' ? 'asked to be left alone' : `fails: its breaker is ${breaker.replace('_', '-')}`
  return [
    warning(
      'breaker',
      `The origin ${origin} ${why}${until ? `, until ${until.toISOString()}` : ''}.`,
      `Its requests wait and spend no attempts. When it is well again, \`requeuest resume --origin ${word(origin)}\` lets them go at once.`,
    ),
  ]
}

const MOST_NAMED = 5

export function lineFindings(lines: readonly HeldLine[]): Finding[] {
  const findings = lines.slice(0, MOST_NAMED).map(({ channel, key, heldById, waiting }) => {
    const release = `requeuest release --channel ${word(channel)}${key === '' ? '' : ` --key ${word(key)}`}`
    return warning(
      'held_line',
      `The line ${JSON.stringify(key)} of the channel ${channel} is held by the failed request ${heldById}: ${count(waiting.count, 'request')}${waiting.isEstimate ? ' or more' : ''} behind it ${waiting.count === 1 ? 'waits' : 'wait'}.`,
      `\`requeuest redrive ${heldById}\` sends it again, \`${release}\` lets the others go on.`,
    )
  })
  const more = lines.length - findings.length
  if (more <= 0) return findings
  return [...findings, warning('held_line', `${count(more, 'more line')} are held.`, '`requeuest stats` lists them.')]
}

export function scheduleFindings({ name, problem }: FoundSchedule): Finding[] {
  if (problem === null) return []
  return [
    warning(
      'schedule',
      `The schedule ${name} cannot fire: ${problem}`,
      'Call `schedule()` again with what is right, or mend its row.',
    ),
  ]
}

/** Fewer are left to `stats`. */
const MANY = 10

export function failureFindings({ groups, isComplete }: Pick<FailureReport, 'groups' | 'isComplete'>): Finding[] {
  const many = groups.filter((group) => group.count >= MANY).slice(0, MOST_NAMED)
  return many.map(({ origin, count: number, failureCode, outcome, status, errorCode, lastAt }) => {
    const last = errorCode ?? (status === null ? outcome : `status ${status}`)
    const options = [
      ...(origin === '' ? [] : [`--origin ${word(origin)}`]),
      ...(failureCode === null ? [] : [`--failure-code ${word(failureCode)}`]),
      ...(status === null ? [] : [`--status ${status}`]),
      ...(errorCode === null ? [] : [`--error-code ${word(errorCode)}`]),
    ].join(' ')
    return warning(
      'failures',
      `${isComplete ? '' : 'At least '}${count(number, 'request')} to ${origin || 'unknown origins'} failed within ${FAILED_WITHIN}, the last at ${lastAt.toISOString()}: ${[failureCode, last].filter((part) => part !== null).join(', ')}.`,
      `\`requeuest list --state failed ${options}\` shows them. When the receiver is well again: \`requeuest redrive --state failed ${options}\`.`,
    )
  })
}

function warning(check: string, message: string, advice: string): Finding {
  return { check, level: 'warning', message, advice }
}

/** A text as a shell takes it for one word. */
function word(text: string): string {
  return /^[\w.:/@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
