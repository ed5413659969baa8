import type { ActivityReport, ActivitySeries } from '../../inspect/activity.ts'
import { channels, type FoundChannel } from '../../inspect/channels.ts'
import { durationText } from '../../inspect/duration-text.ts'
import { QUICK } from '../../inspect/effort.ts'
import { failures } from '../../inspect/failures.ts'
import { lines } from '../../inspect/lines.ts'
import { Note } from '../view/badge.tsx'
import { ThroughputChart } from '../view/chart.tsx'
import { countText, millisecondsText, numberText, percentText } from '../view/format.ts'
import { SpanChoice, spanOf } from '../view/span.tsx'
import { Sparkline } from '../view/sparkline.tsx'
import { Empty, Table } from '../view/table.tsx'
import { TimeOrNone } from '../view/time.tsx'
import type { Page, View } from '../view/view.ts'
import { type Concern, concernsOf } from './attention.ts'
import { Cut } from './channels.tsx'
import { totalPoints, totalsOf } from './totals.ts'

/** How the queue fares, and what needs attention. */
export const overviewPage: Page = {
  path: '/',
  show: async (view) => {
    const { inspect } = view.requeuest
    const { db } = view.parts
    const span = spanOf(view)
    const [activity, found, origins, held, failed, workers] = await Promise.all([
      inspect.activity({ by: 'channel', within: span }),
      channels(db, QUICK),
      inspect.origins(),
      lines(db, QUICK),
      failures(db, { within: '1h' }, QUICK),
      inspect.workers(),
    ])
    const concerns = concernsOf({ channels: found, origins, lines: held, failures: failed, workers })
    return {
      title: 'Overview',
      content: (
        <>
          <SpanChoice view={view} path="/" span={span} />
          <Figures activity={activity} channels={found} />
          <h2>Needs attention</h2>
          <Concerns view={view} concerns={concerns} />
          <h2>Attempts</h2>
          <div class="card">
            <ThroughputChart points={totalPoints(activity)} stepMs={activity.stepMs} label="All channels" />
          </div>
          <h2>Channels</h2>
          <Cut channels={found} />
          <Channels view={view} activity={activity} channels={found} />
        </>
      ),
    }
  },
}

function Figures({ activity, channels }: { activity: ActivityReport; channels: readonly FoundChannel[] }) {
  const { attempts, accepted, delivered, failed } = totalsOf(activity)
  const due = {
    count: channels.reduce((sum, channel) => sum + channel.due.count, 0),
    isEstimate: channels.some((channel) => channel.due.isEstimate),
  }
  const oldestMs = Math.max(0, ...channels.map(({ oldestDueMs }) => oldestDueMs ?? 0))
  const figures: [name: string, value: string][] = [
    ['Attempts', numberText(attempts)],
    ['Accepted', percentText(accepted, attempts)],
    ['Delivered', numberText(delivered)],
    ['Failed', numberText(failed)],
    ['Due now', countText(due)],
    ['Oldest due', oldestMs === 0 ? '–' : durationText(oldestMs)],
  ]
  return (
    <dl class="cards">
      {figures.map(([name, value]) => (
        <div class="card">
          <dt>{name}</dt>
          <dd class="figure">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Concerns({ view, concerns }: { view: View; concerns: readonly Concern[] }) {
  if (concerns.length === 0) return <Note tone="good">Nothing does.</Note>
  return (
    <ul class="concerns">
      {concerns.map(({ tone, text, path, query }) => (
        <li class={`note ${tone}`}>
          <a href={view.href(path, query)}>{text}</a>
        </li>
      ))}
    </ul>
  )
}

function Channels({
  view,
  activity,
  channels,
}: {
  view: View
  activity: ActivityReport
  channels: readonly FoundChannel[]
}) {
  const seriesOf = new Map(activity.series.map((one) => [one.name, one]))
  const liveOf = new Map(channels.map((one) => [one.channel, one]))
  const names = [...new Set([...seriesOf.keys(), ...liveOf.keys()])].filter((name) => name !== '').sort()
  if (names.length === 0) {
    return (
      <Empty title="No requests yet">
        <p>
          <code>{"await requeuest.spawn('channel', { url })"}</code> spawns one, and{' '}
          <code>await requeuest.start()</code> sends it.
        </p>
      </Empty>
    )
  }
  const head = ['Channel', 'Attempts', 'Over time', 'Accepted', 'p50', 'p95', 'Due', 'Oldest due', 'Workers']
  return (
    <Table
      label="Channels"
      head={head.map((name, index) => (
        <th scope="col" class={index === 0 || index === 2 ? undefined : 'number'}>
          {name}
        </th>
      ))}
    >
      {names.map((name) => (
        <ChannelRow view={view} name={name} series={seriesOf.get(name)} live={liveOf.get(name)} />
      ))}
    </Table>
  )
}

interface ChannelRowProps {
  view: View
  name: string
  series: ActivitySeries | undefined
  live: FoundChannel | undefined
}

function ChannelRow({ view, name, series, live }: ChannelRowProps) {
  return (
    <tr id={`c-${encodeURIComponent(name)}`}>
      <th scope="row" class="wide">
        <a href={view.href('/channels/one', { channel: name })}>{name}</a>
      </th>
      <td class="number">{numberText(series?.attempts ?? 0)}</td>
      <td>{series && <Sparkline points={series.points} />}</td>
      <td class="number">{series ? percentText(series.accepted, series.attempts) : '–'}</td>
      <td class="number">{millisecondsText(series?.p50Ms)}</td>
      <td class="number">{millisecondsText(series?.p95Ms)}</td>
      <td class="number">{live ? countText(live.due) : '0'}</td>
      <td class="number">
        <TimeOrNone at={live?.oldestDueAt ?? null} />
      </td>
      <td class="number">{live ? live.workers : '–'}</td>
    </tr>
  )
}
