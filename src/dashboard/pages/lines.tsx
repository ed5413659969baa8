import { QUICK } from '../../inspect/effort.ts'
import { type HeldLine, lines } from '../../inspect/lines.ts'
import type { ListedRequest } from '../../inspect/requests.ts'
import { ActionLink } from '../view/action-button.tsx'
import { Badge, Note } from '../view/badge.tsx'
import { numberText } from '../view/format.ts'
import { Empty, Table } from '../view/table.tsx'
import { TimeOrNone } from '../view/time.tsx'
import { shortened } from '../view/url.tsx'
import type { Page, View } from '../view/view.ts'

/** The lines that a failed request holds. */
export const linesPage: Page = {
  path: '/lines',
  show: async (view) => {
    const held = await lines(view.parts.db, QUICK)
    const ids = held.map(({ heldById }) => heldById)
    const { requests } =
      ids.length > 0
        ? await view.requeuest.inspect.requests({ id: { in: ids } }, { limit: ids.length })
        : { requests: [] }
    return {
      title: 'Held lines',
      content:
        held.length === 0 ? (
          <Empty title="No line is held">
            <p>
              A line is held when one of its requests fails that was spawned with{' '}
              <code>{"order: { key, afterFailure: 'hold' }"}</code>. What is behind it waits until somebody decides.
            </p>
          </Empty>
        ) : (
          <>
            <p class="summary">
              Redriving sends the request that failed again, and then the others in their order. Releasing passes it
              over: it stays failed, and the others are sent.
            </p>
            {held.length === QUICK.lines && (
              <Note tone="warn">{`These are the ${QUICK.lines} lines that were held first; there may be more.`}</Note>
            )}
            <Lines view={view} lines={held} holders={new Map(requests.map((request) => [request.id, request]))} />
          </>
        ),
    }
  },
}

interface LinesProps {
  view: View
  lines: readonly HeldLine[]
  holders: ReadonlyMap<string, ListedRequest>
}

function Lines({ view, lines, holders }: LinesProps) {
  const head = (
    <>
      <th scope="col">Channel</th>
      <th scope="col">Key</th>
      <th scope="col">Held by</th>
      <th scope="col">Since</th>
      <th scope="col" class="number">
        Waiting
      </th>
      <th scope="col">
        <span class="unseen">Actions</span>
      </th>
    </>
  )
  return (
    <Table label="Held lines" head={head}>
      {lines.map((line) => (
        <tr id={`l-${line.heldById}`}>
          <td>{line.channel}</td>
          <th scope="row">{line.key === '' ? <span class="faint">the whole channel</span> : line.key}</th>
          <td class="wide">
            <Holder view={view} id={line.heldById} request={holders.get(line.heldById)} />
          </td>
          <td>
            <TimeOrNone at={line.heldAt} />
          </td>
          <td class="number">
            <a
              href={view.href('/requests', {
                channel: line.channel,
                'order-key': line.key,
                state: ['pending', 'claimed'],
              })}
            >
              {waitingText(line)}
            </a>
          </td>
          <td>
            <div class="buttons">
              <ActionLink
                view={view}
                name="redrive"
                query={{ id: line.heldById }}
                label={`Redrive the holder of ${line.key}`}
              >
                Redrive
              </ActionLink>
              <ActionLink
                view={view}
                name="release"
                query={{ channel: line.channel, key: line.key }}
                label={`Release ${line.key}`}
              >
                Release
              </ActionLink>
            </div>
          </td>
        </tr>
      ))}
    </Table>
  )
}

function Holder({ view, id, request }: { view: View; id: string; request: ListedRequest | undefined }) {
  if (request === undefined) return <a href={view.href(`/requests/${id}`)}>{id}</a>
  const { method, url, lastAttempt, failureCode } = request
  return (
    <>
      <a href={view.href(`/requests/${id}`)}>
        <span class="method">{method}</span> {shortened(url)}
      </a>{' '}
      {lastAttempt && <Badge of={lastAttempt.outcome} />} {lastAttempt?.status ?? lastAttempt?.errorCode ?? failureCode}
    </>
  )
}

function waitingText({ waiting: { count, isEstimate } }: HeldLine): string {
  return isEstimate ? `more than ${numberText(count - 1)}` : numberText(count)
}
