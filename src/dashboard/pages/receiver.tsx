import { QUICK } from '../../inspect/effort.ts'
import { failures } from '../../inspect/failures.ts'
import { NO_ORIGIN, readOrigin } from '../../message/origin.ts'
import { NOT_FOUND } from '../view/problem.tsx'
import { SpanChoice, spanOf } from '../view/span.tsx'
import { Empty } from '../view/table.tsx'
import type { Page } from '../view/view.ts'
import { isStopped, OriginState } from './receivers.tsx'
import { limitsText, ScopeActions } from './scope-actions.tsx'
import { ActivityCharts, SentFacts } from './scope-activity.tsx'

/** One receiver: whether it is sent to, how it answers, and what failed. */
export const receiverPage: Page = {
  path: '/receivers/one',
  show: async (view) => {
    const { inspect } = view.requeuest
    const origin = readOrigin(view.query.get('origin') ?? '')
    if (origin === NO_ORIGIN) return NOT_FOUND
    const span = spanOf(view)
    const [activity, settings, failed] = await Promise.all([
      inspect.activity({ by: 'origin', within: span, name: origin }),
      inspect.origin(origin),
      failures(view.parts.db, { within: '24h' }, QUICK),
    ])
    const [series] = activity.series
    const groups = failed.groups.filter((group) => group.origin === origin)
    return {
      title: origin,
      content: (
        <>
          <dl class="facts card">
            <dt>State</dt>
            <dd>
              <OriginState of={settings ?? undefined} />
            </dd>
            <dt>Limits</dt>
            <dd>{settings ? limitsText(settings) : '–'}</dd>
            <SentFacts view={view} scope={{ origin }} span={span} series={series} />
          </dl>
          <ScopeActions view={view} scope={{ origin }} isStopped={settings !== null && isStopped(settings)} />
          <SpanChoice view={view} path="/receivers/one" span={span} />
          {series ? (
            <ActivityCharts series={series} stepMs={activity.stepMs} />
          ) : (
            <Empty title="Nothing was sent to it in this span" />
          )}
          {groups.length > 0 && (
            <p>
              <a href={view.href('/failures', { within: '24h' })}>Why requests to it failed</a>
            </p>
          )}
        </>
      ),
    }
  },
}
