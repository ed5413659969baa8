import { channels, type FoundChannel } from '../../inspect/channels.ts'
import { QUICK } from '../../inspect/effort.ts'
import type { FoundWorker } from '../../inspect/workers.ts'
import { Badge, Note } from '../view/badge.tsx'
import { countText, numberText } from '../view/format.ts'
import { Empty, Table } from '../view/table.tsx'
import { Time } from '../view/time.tsx'
import type { Page, View } from '../view/view.ts'

/** Who sends what is due. */
export const workersPage: Page = {
  path: '/workers',
  show: async (view) => {
    const [workers, found] = await Promise.all([view.requeuest.inspect.workers(), channels(view.parts.db, QUICK)])
    const versions = [...new Set(workers.filter(({ isLive }) => isLive).map(({ version }) => version))].sort()
    return {
      title: 'Workers',
      content: (
        <>
          <Unserved view={view} channels={found} />
          {versions.length > 1 && (
            <Note tone="warn">
              {`Workers run different versions: ${versions.join(', ')}. That is as it should be only during a deployment.`}
            </Note>
          )}
          {workers.length === 0 ? (
            <Empty title="No worker runs">
              <p>
                <code>{"await requeuest.start({ channels: ['billing'] })"}</code> starts one in a process of yours.
                Drains are not listed here.
              </p>
            </Empty>
          ) : (
            <Workers workers={workers} differing={versions.length > 1} />
          )}
        </>
      ),
    }
  },
}

/** Channels whose requests nobody sends. */
function Unserved({ view, channels }: { view: View; channels: readonly FoundChannel[] }) {
  return channels
    .filter(({ workers, due, pausedAt }) => workers === 0 && due.count > 0 && pausedAt === null)
    .map(({ channel, due }) => (
      <Note tone="bad">
        {'Nobody serves the channel '}
        <a href={view.href('/channels/one', { channel })}>{channel}</a>
        {`, in which ${countText(due)} ${due.count === 1 ? 'request is' : 'requests are'} due.`}
      </Note>
    ))
}

function Workers({ workers, differing }: { workers: readonly FoundWorker[]; differing: boolean }) {
  const head = ['State', 'Host', 'Process', 'Version', 'Channels', 'Claimed', 'Concurrency', 'Started', 'Last seen']
  return (
    <Table
      label="Workers"
      head={head.map((name, index) => (
        <th scope="col" class={index === 2 || index === 5 || index === 6 ? 'number' : undefined}>
          {name}
        </th>
      ))}
    >
      {workers.map((worker) => (
        <tr id={`w-${encodeURIComponent(worker.id)}`}>
          <td>{worker.isLive ? <Badge of="live" tone="good" /> : <Badge of="dead or cut off" tone="bad" />}</td>
          <th scope="row">{worker.host}</th>
          {/* It is no quantity. */}
          <td class="number">{String(worker.pid)}</td>
          <td>{differing ? <Badge of={worker.version} tone="warn" /> : worker.version}</td>
          <td class="wide">{worker.channels === 'all' ? 'all' : worker.channels.join(', ')}</td>
          <td class="number">{numberText(worker.claimed)}</td>
          <td class="number">{numberText(worker.concurrency)}</td>
          <td>
            <Time at={worker.startedAt} />
          </td>
          <td>
            <Time at={worker.lastSeenAt} />
          </td>
        </tr>
      ))}
    </Table>
  )
}
