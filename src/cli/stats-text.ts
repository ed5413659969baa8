import type { BoundedCount } from '../inspect/bounded-count.ts'
import type { FoundChannel } from '../inspect/channels.ts'
import { durationText } from '../inspect/duration-text.ts'
import type { FailureGroup } from '../inspect/failures.ts'
import type { FoundOrigin } from '../inspect/origins.ts'
import type { OutcomeGroup } from '../inspect/outcomes.ts'
import type { RateLimit } from '../policy/scope.ts'
import type { Stats } from './stats.ts'
import { style, styleState } from './style.ts'
import { type Cell, table } from './table.ts'

/** What `stats` shows: a table for each thing that there is something to say of. */
export function statsText({ at, channels, failures, outcomes, origins, lines }: Stats): string {
  const { groups, isComplete, requests } = failures
  const looked = isComplete ? '' : ` among the last ${requests.toLocaleString('en-US')}`
  const ago = (date: Date) => `${durationText(Math.max(0, at.getTime() - date.getTime()))} ago`
  return (
    [
      section('Channels', CHANNEL_HEADS, channels.map(channelRow)),
      section(
        `Failed requests${looked}`,
        FAILURE_HEADS,
        groups.map((group) => failureRow(group, ago)),
      ),
      section(
        `Attempts of the last ${durationText(outcomes.withinMs)}`,
        OUTCOME_HEADS,
        outcomes.groups.map(outcomeRow),
      ),
      section('Origins with a pause, a limit or a breaker that is not closed', ORIGIN_HEADS, origins.map(originRow)),
      section(
        'Held lines',
        ['CHANNEL', 'KEY', 'WAITING', 'HELD SINCE', 'HELD BY'],
        lines.map(({ channel, key, waiting, heldAt, heldById }) => [channel, key, counted(waiting), heldAt, heldById]),
      ),
    ]
      .filter((text) => text !== '')
      .join('\n\n') || 'There is nothing: no live, failed or held request, and no limit.'
  )
}

function section(title: string, heads: readonly string[], rows: readonly Cell[][]): string {
  return rows.length === 0 ? '' : `${style('bold', title)}\n${table(heads, rows, { flexible: 0, empty: '' })}`
}

const CHANNEL_HEADS = ['CHANNEL', 'DUE', 'OLDEST', 'DELAYED', 'IN LINE', 'CLAIMED', 'WORKERS', 'LIMITS']

function channelRow(channel: FoundChannel): Cell[] {
  const { due, delayed, inLine, claimed, oldestDueMs, workers, pausedAt } = channel
  const isAlone = workers === 0 && due.count > 0
  return [
    channel.channel,
    counted(due),
    oldestDueMs === null ? '' : durationText(oldestDueMs),
    counted(delayed),
    counted(inLine),
    counted(claimed),
    isAlone ? () => style('red', 'none') : workers,
    pausedAt ? () => style('yellow', `paused since ${pausedAt.toISOString()}`) : limitsText(channel),
  ]
}

const FAILURE_HEADS = ['ORIGIN', 'COUNT', 'WHY', 'LAST ATTEMPT', 'SINCE', 'LAST', 'EXAMPLE']

function failureRow(group: FailureGroup, ago: (date: Date) => string): Cell[] {
  const { origin, failureCode, outcome, status, errorCode, firstAt, lastAt, exampleId } = group
  const last = [outcome, errorCode ?? status].filter((part) => part !== null).join(' ')
  return [origin, group.count, failureCode, last, ago(firstAt), ago(lastAt), exampleId]
}

const OUTCOME_HEADS = ['ORIGIN', 'COUNT', 'OUTCOME', 'STATUS', 'AVERAGE', 'LONGEST']

function outcomeRow(group: OutcomeGroup): Cell[] {
  const { origin, outcome, status, errorCode, averageMs, longestMs } = group
  return [
    origin,
    group.count,
    () => styleState(outcome),
    errorCode ?? status?.toString(),
    durationText(Math.round(averageMs)),
    durationText(longestMs),
  ]
}

const ORIGIN_HEADS = ['ORIGIN', 'BREAKER', 'UNTIL', 'LIMITS']

function originRow(origin: FoundOrigin): Cell[] {
  const { breaker, openUntil, retryAt, pausedAt } = origin
  return [
    origin.origin,
    breaker === 'closed' ? '' : () => style('red', breaker.replace('_', '-')),
    openUntil ?? retryAt,
    pausedAt ? () => style('yellow', `paused since ${pausedAt.toISOString()}`) : limitsText(origin),
  ]
}

export function limitsText({ concurrency, rate }: { concurrency: number | null; rate: RateLimit | null }): string {
  const parts = [
    ...(concurrency === null ? [] : [`${concurrency} at once`]),
    ...(rate === null ? [] : [`${rate.limit} in ${durationText(rate.intervalMs)}`]),
  ]
  return parts.join(', ')
}

/** An estimate is told by its `~`. */
function counted({ count: number, isEstimate }: BoundedCount): Cell {
  return isEstimate ? `~${number.toLocaleString('en-US')}` : number
}
