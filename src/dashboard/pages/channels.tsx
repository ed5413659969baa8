import { channels, type FoundChannel, MOST_CHANNELS } from '../../inspect/channels.ts'
import { QUICK } from '../../inspect/effort.ts'
import { Badge, Note } from '../view/badge.tsx'
import { countText, numberText } from '../view/format.ts'
import { Empty, Table } from '../view/table.tsx'
import { Time, TimeOrNone } from '../view/time.tsx'
import type { Page, View } from '../view/view.ts'
import { limitsText } from './scope-actions.tsx'

/** The channels that have live requests, a pause or limits. */
export const channelsPage: Page = {
  path: '/channels',
  show: async (view) => {
    const found = await channels(view.parts.db, QUICK)
    return {
      title: 'Channels',
      content:
        found.length === 0 ? (
          <Empty title="Nothing waits">
            <p>A channel is shown while it has requests that wait or are being sent, is paused, or has limits.</p>
          </Empty>
        ) : (
          <>
            <Cut channels={found} />
            <Channels view={view} channels={found} />
          </>
        ),
    }
  },
}

/** Whether there are more channels than are looked at. */
export function Cut({ channels }: { channels: readonly FoundChannel[] }) {
  if (channels.length < MOST_CHANNELS) return null
  return (
    <Note tone="warn">{`These are the first ${numberText(MOST_CHANNELS)} channels by name; there may be more.`}</Note>
  )
}

function Channels({ view, channels }: { view: View; channels: readonly FoundChannel[] }) {
  const head = ['Channel', 'State', 'Due', 'Delayed', 'In line', 'Claimed', 'Oldest due', 'Workers', 'Limits']
  return (
    <Table
      label="Channels"
      head={head.map((name, index) => (
        <th scope="col" class={index >= 2 && index <= 7 ? 'number' : undefined}>
          {name}
        </th>
      ))}
    >
      {channels.map((one) => (
        <tr id={`c-${encodeURIComponent(one.channel)}`}>
          <th scope="row" class="wide">
            <a href={view.href('/channels/one', { channel: one.channel })}>{one.channel}</a>
          </th>
          <td>
            <ChannelState of={one} />
          </td>
          <td class="number">{countText(one.due)}</td>
          <td class="number">{countText(one.delayed)}</td>
          <td class="number">{countText(one.inLine)}</td>
          <td class="number">{countText(one.claimed)}</td>
          <td class="number">
            <TimeOrNone at={one.oldestDueAt} />
          </td>
          <td class="number">{one.workers}</td>
          <td>{limitsText(one)}</td>
        </tr>
      ))}
    </Table>
  )
}

/** Whether requests of a channel are sent, and if not, why. */
export function ChannelState({ of: { pausedAt, workers, due } }: { of: FoundChannel }) {
  if (pausedAt !== null) {
    return (
      <>
        <Badge of="paused" tone="warn" /> <Time at={pausedAt} />
      </>
    )
  }
  if (workers === 0) return <Badge of="no worker" tone={due.count > 0 ? 'bad' : 'plain'} />
  return <Badge of="served" tone="good" />
}
