import type { ListedRequest } from '../../../inspect/requests.ts'
import { Badge } from '../../view/badge.tsx'
import { Table } from '../../view/table.tsx'
import { Time } from '../../view/time.tsx'
import { Url } from '../../view/url.tsx'
import type { View } from '../../view/view.ts'
import { maySelect, SelectionActions } from './bulk.tsx'

interface ListProps {
  requests: readonly ListedRequest[]
  view: View
}

/** A form of its own: what is ticked goes to the action whose button is pressed. */
export function RequestList({ requests, view }: ListProps) {
  if (!maySelect(view)) return <Rows requests={requests} view={view} />
  return (
    <form method="get" action={view.href('/actions/redrive')} aria-label="Selection" data-selection>
      <Rows requests={requests} view={view} />
      <SelectionActions view={view} />
    </form>
  )
}

function Rows({ requests, view }: ListProps) {
  const isTickable = maySelect(view)
  const head = (
    <>
      {isTickable && (
        <th scope="col" class="tick-cell">
          <label>
            <input class="tick-box" type="checkbox" id="select-all" aria-label="Select all of this page" hidden />
          </label>
        </th>
      )}
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
          {isTickable && (
            <td class="tick-cell">
              <label>
                <input
                  class="tick-box"
                  type="checkbox"
                  name="id"
                  value={request.id}
                  aria-label={`Select ${request.id}`}
                />
              </label>
            </td>
          )}
          <td class="state-cell">
            <Badge of={request.state} />
          </td>
          <td class="url-cell">
            <a class="request-link" href={view.href(`/requests/${request.id}`)}>
              <span class="method">{request.method}</span> <Url of={request.url} />
            </a>
          </td>
          <td class="clip">{request.channel}</td>
          <td class="number">{request.attemptCount}</td>
          <td class="last-cell">{request.lastAttempt && <Last of={request.lastAttempt} />}</td>
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
