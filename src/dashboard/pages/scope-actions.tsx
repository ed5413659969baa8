import { durationText } from '../../inspect/duration-text.ts'
import type { RateLimit } from '../../policy/scope.ts'
import { ActionLink } from '../view/action-button.tsx'
import { numberText, plural } from '../view/format.ts'
import type { View } from '../view/view.ts'

/** A channel or an origin, as actions take it. */
export type ScopeQuery = { channel: string } | { origin: string }

/** What can be done to a channel or an origin. */
export function ScopeActions({ view, scope, isStopped }: { view: View; scope: ScopeQuery; isStopped: boolean }) {
  return (
    <div class="actions">
      <ActionLink view={view} name={isStopped ? 'resume' : 'pause'} query={scope}>
        {isStopped ? 'Resume' : 'Pause'}
      </ActionLink>
      <ActionLink view={view} name="setLimits" query={scope}>
        Limits
      </ActionLink>
    </div>
  )
}

/** `4 at once, 100 in 1 s`; a dash if there is no limit. */
export function limitsText({ concurrency, rate }: { concurrency: number | null; rate: RateLimit | null }): string {
  const parts = [
    ...(concurrency === null ? [] : [`${numberText(concurrency)} at once`]),
    ...(rate === null ? [] : [`${plural(rate.limit, 'request')} in ${durationText(rate.intervalMs)}`]),
  ]
  return parts.length === 0 ? '–' : parts.join(', ')
}
