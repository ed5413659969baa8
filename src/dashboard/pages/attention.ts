import type { FoundChannel } from '../../inspect/channels.ts'
import type { FailureReport } from '../../inspect/failures.ts'
import type { HeldLine } from '../../inspect/lines.ts'
import type { FoundOrigin } from '../../inspect/origins.ts'
import type { FoundWorker } from '../../inspect/workers.ts'
import type { Tone } from '../view/badge.tsx'
import { countText, plural } from '../view/format.ts'
import type { Query } from '../view/view.ts'

/** Something that an operator should look at, and where. */
export interface Concern {
  tone: Tone
  text: string
  path: string
  query: Query
}

export interface Facts {
  channels: readonly FoundChannel[]
  origins: readonly FoundOrigin[]
  lines: readonly HeldLine[]
  failures: FailureReport
  workers: readonly FoundWorker[]
}

/** Something may be due for this long before that says anything. */
const LATE_MS = 60_000
const MOST_OF_A_KIND = 5

/** What needs attention, the worst first. */
export function concernsOf(facts: Facts): Concern[] {
  return [unserved, late, openBreakers, failing, held, paused, gone].flatMap((find) => shortened(find(facts)))
}

const isOverdue = ({ oldestDueMs }: FoundChannel) => oldestDueMs !== null && oldestDueMs >= LATE_MS

function unserved({ channels }: Facts): Concern[] {
  return channels
    .filter((channel) => channel.workers === 0 && channel.pausedAt === null && isOverdue(channel))
    .map(({ channel, due }) => ({
      tone: 'bad',
      text: `No worker serves the channel ${channel}: ${countText(due)} due.`,
      path: '/workers',
      query: {},
    }))
}

function late({ channels }: Facts): Concern[] {
  return channels
    .filter((channel) => channel.workers > 0 && channel.pausedAt === null && isOverdue(channel))
    .map(({ channel, due }) => ({
      tone: 'warn',
      text: `The channel ${channel} is behind: ${countText(due)} due, the first for more than a minute.`,
      path: '/channels/one',
      query: { channel },
    }))
}

function openBreakers({ origins }: Facts): Concern[] {
  return origins
    .filter(({ breaker }) => breaker !== 'closed')
    .map(({ origin }) => ({
      tone: 'bad',
      text: `${origin} is left alone: too many of its attempts failed.`,
      path: '/receivers/one',
      query: { origin },
    }))
}

function failing({ failures }: Facts): Concern[] {
  const byOrigin = new Map<string, number>()
  for (const { origin, count } of failures.groups) byOrigin.set(origin, (byOrigin.get(origin) ?? 0) + count)
  const more = failures.isComplete ? '' : ' at least'
  return [...byOrigin].map(([origin, count]) => ({
    tone: 'bad',
    text: `${plural(count, 'request')}${more} to ${origin || 'a receiver that no worker has looked at'} failed in the last hour.`,
    path: '/failures',
    query: {},
  }))
}

function held({ lines }: Facts): Concern[] {
  return lines.map(({ channel, key, waiting }) => ({
    tone: 'warn',
    text: `The line ${key === '' ? 'of the whole channel' : `“${key}” of the channel`} ${channel} is held: ${countText(waiting)} wait.`,
    path: '/lines',
    query: {},
  }))
}

function paused({ channels, origins }: Facts): Concern[] {
  return [
    ...channels
      .filter(({ pausedAt }) => pausedAt !== null)
      .map(
        ({ channel, due }): Concern => ({
          tone: 'plain',
          text: `The channel ${channel} is paused: ${countText(due)} due.`,
          path: '/channels/one',
          query: { channel },
        }),
      ),
    ...origins
      .filter(({ pausedAt }) => pausedAt !== null)
      .map(
        ({ origin }): Concern => ({
          tone: 'plain',
          text: `${origin} is paused.`,
          path: '/receivers/one',
          query: { origin },
        }),
      ),
  ]
}

function gone({ workers }: Facts): Concern[] {
  return workers
    .filter(({ isLive }) => !isLive)
    .map(({ host, pid }) => ({
      tone: 'warn',
      text: `The worker ${pid} on ${host} has not been seen for 45 s.`,
      path: '/workers',
      query: {},
    }))
}

function shortened(concerns: Concern[]): Concern[] {
  const [first] = concerns
  const left = concerns.length - MOST_OF_A_KIND
  if (first === undefined || left <= 0) return concerns
  const rest = {
    ...first,
    text: `${plural(left, 'more', 'more')} like these.`,
    query: {},
    path: first.path.replace('/one', ''),
  }
  return [...concerns.slice(0, MOST_OF_A_KIND), rest]
}
