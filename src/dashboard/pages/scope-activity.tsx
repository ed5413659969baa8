import type { ActivitySeries } from '../../inspect/activity.ts'
import { LatencyChart, ThroughputChart } from '../view/chart.tsx'
import { millisecondsText, numberText, percentText } from '../view/format.ts'
import type { Span } from '../view/span.tsx'
import type { View } from '../view/view.ts'
import type { ScopeQuery } from './scope-actions.tsx'

interface SentFactsProps {
  view: View
  scope: ScopeQuery
  span: Span
  series: ActivitySeries | undefined
}

/** How attempts of a channel or an origin fared, and where its requests are listed. */
export function SentFacts({ view, scope, span, series }: SentFactsProps) {
  return (
    <>
      {series && (
        <>
          <dt>{`Attempts, ${span}`}</dt>
          <dd>{`${numberText(series.attempts)}, ${percentText(series.accepted, series.attempts)} accepted; p50 ${millisecondsText(series.p50Ms)}, p95 ${millisecondsText(series.p95Ms)}`}</dd>
        </>
      )}
      <dt>Requests</dt>
      <dd>
        <a href={view.href('/requests', { ...scope })}>all</a>,{' '}
        <a href={view.href('/requests', { ...scope, state: ['pending', 'claimed'] })}>live</a>,{' '}
        <a href={view.href('/requests', { ...scope, state: 'failed' })}>failed</a>
      </dd>
    </>
  )
}

/** Attempts and latency over time, side by side. */
export function ActivityCharts({ series, stepMs }: { series: ActivitySeries; stepMs: number }) {
  return (
    <div class="charts">
      <div class="card">
        <ThroughputChart points={series.points} stepMs={stepMs} label="Attempts" />
      </div>
      <div class="card">
        <LatencyChart points={series.points} />
      </div>
    </div>
  )
}
