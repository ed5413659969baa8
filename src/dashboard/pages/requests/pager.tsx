import { Time } from '../../view/time.tsx'
import type { View } from '../../view/view.ts'
import { conditionsOf } from '../filter-query.ts'

/** Links to what comes before, and back. The conditions stay. */
export function Pager({ view, next, isFull }: { view: View; next: string | null; isFull: boolean }) {
  const conditions = conditionsOf(view.query)
  const isFirst = !view.query.has('before')
  if (isFirst && next === null) return null
  return (
    <nav class="pages" aria-label="Parts of the list">
      {!isFirst && (
        <a class="button" href={view.href('/requests', conditions)}>
          Back to the latest
        </a>
      )}
      {next !== null && (
        <>
          <a class="button" href={view.href('/requests', new URLSearchParams([...conditions, ['before', next]]))}>
            {isFull ? 'Earlier requests' : 'Look further'}
          </a>
          {!isFull && <LookedAt to={next} />}
        </>
      )}
    </nav>
  )
}

/** The list is chosen from so many requests at a time. */
function LookedAt({ to }: { to: string }) {
  const at = timeOf(to)
  return (
    <span class="faint">
      These are the matches among the requests{' '}
      {at ? (
        <>
          spawned since <Time at={at} />
        </>
      ) : (
        'that were looked at'
      )}
      . There may be earlier ones.
    </span>
  )
}

/** When an id of version 7 was made; null for others. */
function timeOf(id: string): Date | null {
  return id[14] === '7' ? new Date(Number.parseInt(id.replace('-', '').slice(0, 12), 16)) : null
}
