import type { ActivitySeries } from '../../inspect/activity.ts'
import type { FoundOrigin } from '../../inspect/origins.ts'
import { Badge } from '../view/badge.tsx'
import { millisecondsText, numberText, percentText } from '../view/format.ts'
import { SpanChoice, spanOf } from '../view/span.tsx'
import { Sparkline } from '../view/sparkline.tsx'
import { Empty, Table } from '../view/table.tsx'
import { Time } from '../view/time.tsx'
import type { Page, View } from '../view/view.ts'
import { limitsText } from './scope-actions.tsx'

const MOST_ORIGINS = 100

/** The receivers: those to which something was sent lately, and those that are paused, limited or left alone. */
export const receiversPage: Page = {
  path: '/receivers',
  show: async (view) => {
    const { inspect } = view.requeuest
    const span = spanOf(view)
    const after = view.query.get('after') ?? undefined
    const [activity, origins] = await Promise.all([
      inspect.activity({ by: 'origin', within: span }),
      inspect.origins({ limit: MOST_ORIGINS, ...(after !== undefined && { after }) }),
    ])
    const next = origins.length === MOST_ORIGINS ? origins.at(-1)?.origin : undefined
    const rows = rowsOf(after === undefined ? activity.series : [], origins)
    return {
      title: 'Receivers',
      content: (
        <>
          <SpanChoice view={view} path="/receivers" span={span} />
          {rows.length === 0 ? (
            <Empty title="Nothing was sent lately">
              <p>Receivers appear here with their first attempt, and when they are paused or limited.</p>
            </Empty>
          ) : (
            <Receivers view={view} rows={rows} />
          )}
          {next !== undefined && (
            <nav class="pages" aria-label="Parts of the list">
              <a href={view.href('/receivers', { within: span, after: next })}>More receivers with limits</a>
            </nav>
          )}
        </>
      ),
    }
  },
}

interface Row {
  name: string
  series: ActivitySeries | undefined
  settings: FoundOrigin | undefined
}

/** Those in trouble first, then those with most attempts. */
function rowsOf(series: readonly ActivitySeries[], origins: readonly FoundOrigin[]): Row[] {
  const settings = new Map(origins.map((one) => [one.origin, one]))
  const counted = new Map(series.map((one) => [one.name, one]))
  const names = [...new Set([...counted.keys(), ...settings.keys()])]
  const rank = ({ settings: one }: Row) => (one && isStopped(one) ? 0 : 1)
  return names
    .map((name) => ({ name, series: counted.get(name), settings: settings.get(name) }))
    .sort((one, other) => rank(one) - rank(other) || (other.series?.attempts ?? 0) - (one.series?.attempts ?? 0))
}

/** Whether nothing is sent to it now. */
export function isStopped({ pausedAt, breaker, retryAt }: FoundOrigin): boolean {
  return pausedAt !== null || breaker !== 'closed' || retryAt !== null
}

function Receivers({ view, rows }: { view: View; rows: readonly Row[] }) {
  const head = ['Receiver', 'State', 'Attempts', 'Over time', 'Accepted', 'p50', 'p95', 'Limits']
  return (
    <Table
      label="Receivers"
      head={head.map((name) => (
        <th scope="col" class={['Attempts', 'Accepted', 'p50', 'p95'].includes(name) ? 'number' : undefined}>
          {name}
        </th>
      ))}
    >
      {rows.map(({ name, series, settings }) => (
        <tr id={`o-${encodeURIComponent(name)}`}>
          <th scope="row" class="wide">
            {name === '' ? 'all others' : <a href={view.href('/receivers/one', { origin: name })}>{name}</a>}
          </th>
          <td>
            <OriginState of={settings} />
          </td>
          <td class="number">{numberText(series?.attempts ?? 0)}</td>
          <td>{series && <Sparkline points={series.points} />}</td>
          <td class="number">{series ? percentText(series.accepted, series.attempts) : '–'}</td>
          <td class="number">{millisecondsText(series?.p50Ms)}</td>
          <td class="number">{millisecondsText(series?.p95Ms)}</td>
          <td>{settings ? limitsText(settings) : '–'}</td>
        </tr>
      ))}
    </Table>
  )
}

/** Whether something is sent to an origin, and if not, why and until when. */
export function OriginState({ of: origin }: { of: FoundOrigin | undefined }) {
  if (origin === undefined || !isStopped(origin)) return <Badge of="available" tone="good" />
  const { pausedAt, breaker, openUntil, retryAt } = origin
  return (
    <>
      {pausedAt && (
        <div>
          <Badge of="paused" tone="warn" /> <Time at={pausedAt} />
        </div>
      )}
      {breaker === 'open' && (
        <div>
          <Badge of="breaker open" tone="bad" /> {openUntil && <>probes {<Time at={openUntil} />}</>}
        </div>
      )}
      {breaker === 'half_open' && <Badge of="being probed" tone="warn" />}
      {retryAt && (
        <div>
          <Badge of="asked to wait" tone="warn" /> until <Time at={retryAt} />
        </div>
      )}
    </>
  )
}
