import type { ListedRequest } from '../../inspect/requests.ts'
import { Badge } from '../view/badge.tsx'
import { countText } from '../view/format.ts'
import { Empty, Table } from '../view/table.tsx'
import { Time } from '../view/time.tsx'
import type { Page, View } from '../view/view.ts'
import { conditionsOf, filterOf } from './filter-query.ts'

/** The requests that match the conditions of the address, the last ones first. */
export const requestsPage: Page = {
  path: '/requests',
  show: async (view) => {
    const { requeuest, query } = view
    const where = filterOf(query, Date.now())
    const before = query.get('before') ?? undefined
    const [{ requests, next }, count] = await Promise.all([
      requeuest.inspect.requests(where, before === undefined ? {} : { before }),
      requeuest.inspect.count(where),
    ])
    const conditions = conditionsOf(query)
    return {
      title: 'Requests',
      content: (
        <>
          <p class="summary">{`${countText(count)} ${where ? 'match' : 'in all'}`}</p>
          {requests.length === 0 && next === null ? (
            <NoRequests isFiltered={where !== undefined} view={view} />
          ) : (
            <List requests={requests} view={view} />
          )}
          {next !== null && (
            <nav class="pages" aria-label="Parts of the list">
              <a href={view.href('/requests', { ...Object.fromEntries(conditions), before: next })}>Earlier requests</a>
            </nav>
          )}
        </>
      ),
    }
  },
}

function List({ requests, view }: { requests: readonly ListedRequest[]; view: View }) {
  const head = (
    <>
      <th scope="col">State</th>
      <th scope="col">Request</th>
      <th scope="col">Channel</th>
      <th scope="col" class="number">
        Attempts
      </th>
      <th scope="col">Last attempt</th>
      <th scope="col">Spawned</th>
    </>
  )
  return (
    <Table label="Requests" head={head}>
      {requests.map((request) => (
        <tr id={`r-${request.id}`}>
          <td>
            <Badge of={request.state} />
          </td>
          <td class="wide">
            <a href={view.href(`/requests/${request.id}`)}>
              <span class="method">{request.method}</span> {request.url}
            </a>
          </td>
          <td>{request.channel}</td>
          <td class="number">{request.attemptCount}</td>
          <td>{request.lastAttempt && <Last of={request.lastAttempt} />}</td>
          <td>
            <Time at={request.createdAt} />
          </td>
        </tr>
      ))}
    </Table>
  )
}

function Last({ of: { outcome, status, errorCode } }: { of: NonNullable<ListedRequest['lastAttempt']> }) {
  return (
    <>
      <Badge of={outcome} /> {status ?? errorCode}
    </>
  )
}

function NoRequests({ isFiltered, view }: { isFiltered: boolean; view: View }) {
  if (!isFiltered) {
    return (
      <Empty title="No requests yet">
        <p>
          <code>{"await requeuest.spawn('channel', { url })"}</code> spawns one.
        </p>
      </Empty>
    )
  }
  return (
    <Empty title="No request matches">
      <p>
        <a href={view.href('/requests')}>Show all requests</a>
      </p>
    </Empty>
  )
}
