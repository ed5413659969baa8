import { durationText } from '../../../inspect/duration-text.ts'
import type { FoundAttempt, FoundRequest } from '../../../results/find.ts'
import { Badge } from '../../view/badge.tsx'
import { numberText } from '../../view/format.ts'
import { Table } from '../../view/table.tsx'
import { Time, TimeOrNone } from '../../view/time.tsx'
import type { View } from '../../view/view.ts'

interface AttemptsProps {
  view: View
  request: FoundRequest
  /** The attempt whose response is shown below. */
  shown: FoundAttempt | undefined
}

/** The attempts that are recorded, the last one first: up to 100 at a time. */
export function Attempts({ view, request, shown }: AttemptsProps) {
  const { attempts, attemptsRecorded } = request
  const first = attempts[0]
  if (!first && !view.query.has('before')) return null
  const page = view.href(`/requests/${request.id}`)
  const head = ['Attempt', 'Outcome', 'Error', 'Started', 'Took', 'Worker', 'Address', 'Next']
  return (
    <div>
      <h2>Attempts</h2>
      <Table label="Attempts" head={head.map((name) => <th scope="col">{name}</th>)}>
        {[...attempts].reverse().map((attempt) => (
          <Row attempt={attempt} isShown={attempt === shown} view={view} id={request.id} />
        ))}
      </Table>
      <nav class="pages" aria-label="Parts of the attempts">
        {view.query.has('before') && (
          <a class="button" href={page}>
            Back to the latest
          </a>
        )}
        {first && first.number > 1 && (
          <a class="button" href={view.href(`/requests/${request.id}`, { before: String(first.number) })}>
            Earlier attempts
          </a>
        )}
        {attempts.length < attemptsRecorded && (
          <span class="faint">
            {numberText(attempts.length)} of {numberText(attemptsRecorded)}
          </span>
        )}
      </nav>
    </div>
  )
}

function Row({ attempt, isShown, view, id }: { attempt: FoundAttempt; isShown: boolean; view: View; id: string }) {
  const { number, outcome, status, errorCode, errorMessage, startedAt, durationMs, workerId, remoteAddress } = attempt
  const before = view.query.get('before') ?? undefined
  return (
    <tr id={`a-${number}`} aria-current={isShown ? 'true' : undefined}>
      <td>
        <a href={`${view.href(`/requests/${id}`, { before, show: `attempt-${number}` })}#response`}>{number}</a>
      </td>
      <td>
        <Badge of={outcome} /> {status}
      </td>
      <td class="wide error">
        {errorCode}
        {errorMessage !== null && <span class="faint"> {errorMessage}</span>}
      </td>
      <td>
        <Time at={startedAt} />
      </td>
      <td>{durationText(durationMs)}</td>
      <td class="mono clip">{workerId}</td>
      <td class="mono clip">{remoteAddress}</td>
      <td>
        <TimeOrNone at={attempt.nextRunAt} />
      </td>
    </tr>
  )
}
