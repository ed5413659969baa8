import { channelNamed, type FoundChannel } from '../../inspect/channels.ts'
import { QUICK } from '../../inspect/effort.ts'
import { countText, numberText } from '../view/format.ts'
import { NOT_FOUND } from '../view/problem.tsx'
import { SpanChoice, spanOf } from '../view/span.tsx'
import { Empty } from '../view/table.tsx'
import { TimeOrNone } from '../view/time.tsx'
import type { Page } from '../view/view.ts'
import { ChannelState } from './channels.tsx'
import { limitsText, ScopeActions } from './scope-actions.tsx'
import { ActivityCharts, SentFacts } from './scope-activity.tsx'

/** One channel: what waits in it, and how its requests fare. */
export const channelPage: Page = {
  path: '/channels/one',
  show: async (view) => {
    const channel = view.query.get('channel') ?? ''
    if (channel === '') return NOT_FOUND
    const span = spanOf(view)
    const [activity, live] = await Promise.all([
      view.requeuest.inspect.activity({ by: 'channel', within: span, name: channel }),
      channelNamed(view.parts.db, channel, QUICK),
    ])
    const [series] = activity.series
    return {
      title: channel,
      content: (
        <>
          <dl class="facts card">
            <LiveFacts of={live} />
            <SentFacts view={view} scope={{ channel }} span={span} series={series} />
          </dl>
          <ScopeActions view={view} scope={{ channel }} isStopped={live.pausedAt !== null} />
          <SpanChoice view={view} path="/channels/one" span={span} />
          {series ? (
            <ActivityCharts series={series} stepMs={activity.stepMs} />
          ) : (
            <Empty title="Nothing of it was sent in this span" />
          )}
        </>
      ),
    }
  },
}

function LiveFacts({ of: live }: { of: FoundChannel }) {
  const facts: [name: string, value: string][] = [
    ['Due', countText(live.due)],
    ['Delayed', countText(live.delayed)],
    ['In line', countText(live.inLine)],
    ['Claimed', countText(live.claimed)],
    ['Workers', numberText(live.workers)],
    ['Limits', limitsText(live)],
  ]
  return (
    <>
      <dt>State</dt>
      <dd>
        <ChannelState of={live} />
      </dd>
      {facts.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </>
      ))}
      <dt>Oldest due</dt>
      <dd>
        <TimeOrNone at={live.oldestDueAt} />
      </dd>
    </>
  )
}
