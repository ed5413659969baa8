import { durationText } from '../../../inspect/duration-text.ts'
import type { Restraint, Situation } from '../../../inspect/situation.ts'
import { numberText } from '../../view/format.ts'
import type { Html } from '../../view/html.ts'
import { Time } from '../../view/time.tsx'
import type { View } from '../../view/view.ts'
import type { Obstacle } from './next-step.ts'

interface Of {
  view: View
  channel: string
  origin: string
}

/** What keeps the request back, one after another. */
export function Obstacles({ all, ...of }: { all: readonly Obstacle[] } & Of) {
  return (
    <>
      {all.map((one, index) => (
        <>
          {index === 0 ? '' : index === all.length - 1 ? ', and ' : ', '}
          <ObstacleText is={one} {...of} />
        </>
      ))}
    </>
  )
}

function ObstacleText({ is, view, ...of }: { is: Obstacle } & Of): Html {
  const channel = <a href={view.href('/channels/one', { channel: of.channel })}>its channel</a>
  const receiver = <a href={view.href('/receivers/one', { origin: of.origin })}>its receiver</a>
  switch (is.kind) {
    case 'no_worker':
      return (
        <>
          no <a href={view.href('/workers')}>worker</a> serves {channel}
        </>
      )
    case 'channel_paused':
      return (
        <>
          {channel} was paused <Time at={is.since} />
        </>
      )
    case 'receiver_paused':
      return (
        <>
          {receiver} was paused <Time at={is.since} />
        </>
      )
    case 'breaker_open':
      return (
        <>
          {receiver} has failed too often, so its breaker is open
          {is.until && (
            <>
              : it is tried again <Time at={is.until} />
            </>
          )}
        </>
      )
    case 'breaker_probing':
      return <>a worker is probing whether {receiver} has recovered</>
    case 'retry_after':
      return (
        <>
          {receiver} asked for a break (Retry-After) that ends <Time at={is.until} />
        </>
      )
  }
}

/** The limits that may make a due request wait for its turn, each as a sentence. */
export function limitsText({ channel, receiver }: Pick<Situation, 'channel' | 'receiver'>): string {
  return [...limitText('Its channel', channel), ...limitText('Its receiver', receiver)].join(' ')
}

function limitText(what: string, { concurrency, rate }: Restraint): string[] {
  const atOnce = concurrency === null ? [] : [`${numberText(concurrency)} at once`]
  const starts = rate === null ? [] : [`${numberText(rate.limit)} in ${durationText(rate.intervalMs)}`]
  const parts = [...atOnce, ...starts]
  return parts.length === 0 ? [] : [`${what} takes at most ${parts.join(' and ')}.`]
}
