import { durationText } from '../../../inspect/duration-text.ts'
import type { Situation } from '../../../inspect/situation.ts'
import type { FoundRequest } from '../../../results/find.ts'
import { Badge } from '../../view/badge.tsx'
import { numberText } from '../../view/format.ts'
import type { Content } from '../../view/html.ts'
import { Time } from '../../view/time.tsx'
import { shortened } from '../../view/url.tsx'
import type { View } from '../../view/view.ts'

interface FactsProps {
  view: View
  request: FoundRequest
  situation: Situation
}

/** What is known of the request besides its attempts. */
export function Facts({ view, request, situation }: FactsProps) {
  return (
    <dl class="columns card">
      {factsOf({ view, request, situation }).map(
        ([name, value]) =>
          value !== null && (
            <div class={name === 'URL' ? 'long' : undefined}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  )
}

function factsOf({ view, request, situation }: FactsProps): [name: string, value: Content][] {
  const { id, channel, state, url, priority, orderKey, accept, attemptCount, createdAt, runAt, finishedAt } = request
  const { origin, dedupeKey, schedule, maxAttempts, expiresAt, timeoutMs } = situation
  const link = (path: string, text: string, query: Readonly<Record<string, string>>) => (
    <a href={view.href(path, query)}>{text}</a>
  )
  const time = (at: Date | null) => at && <Time at={at} />
  return [
    ['State', <Badge of={state} />],
    ['URL', shortened(url) === url ? null : url],
    ['Id', <span class="mono">{id}</span>],
    ['Channel', link('/channels/one', channel, { channel })],
    ['Receiver', origin === '' ? null : link('/receivers/one', origin, { origin })],
    ['Line', orderKey === null ? null : link('/requests', lineName(orderKey), { channel, 'order-key': orderKey })],
    ['Dedupe key', dedupeKey],
    ['Schedule', schedule && <ScheduledFor schedule={schedule} />],
    ['Priority', String(priority)],
    ['Accepts', accept.join(', ')],
    [
      'Attempts',
      `${numberText(attemptCount)}${maxAttempts === null ? ', no limit' : ` of ${numberText(maxAttempts)}`}`,
    ],
    ['Timeout', durationText(timeoutMs)],
    ['Spawned', time(createdAt)],
    finishedAt ? ['Final', time(finishedAt)] : ['Due', time(runAt)],
    ['Expires', time(expiresAt)],
  ]
}

function lineName(orderKey: string): string {
  return orderKey === '' ? 'of the whole channel' : orderKey
}

function ScheduledFor({ schedule }: { schedule: NonNullable<Situation['schedule']> }) {
  return (
    <>
      {schedule.name}
      {schedule.for && (
        <>
          , for <Time at={schedule.for} />
        </>
      )}
    </>
  )
}
