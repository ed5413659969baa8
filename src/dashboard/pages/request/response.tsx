import { attemptRow } from '../../../encryption/vault.ts'
import type { FoundAttempt, FoundRequest } from '../../../results/find.ts'
import type { View } from '../../view/view.ts'
import { Message } from './message.tsx'
import type { PageVault } from './page-vault.ts'

interface ResponseProps {
  view: View
  request: FoundRequest
  attempt: FoundAttempt
  vault: PageVault
}

/** What came back of an attempt, and what a renderer made for it. */
export function Response({ view, request: { id, bodiesPruned }, attempt, vault }: ResponseProps) {
  const { number, status, headers, body, bodySize, bodyTruncated, rendered } = attempt
  const href = view.href(`/requests/${id}`, {
    before: view.query.get('before') ?? undefined,
    show: `attempt-${number}`,
  })
  return (
    <>
      {rendered && (
        <Message
          view={view}
          id="rendered"
          title={`Made for attempt ${number}: ${rendered.method} ${rendered.url}`}
          problem={undefined}
          headers={view.parts.hide(rendered.headers)}
          body={null}
        />
      )}
      {status !== null && (
        <Message
          view={view}
          id="response"
          title={`Response of attempt ${number}: ${status}`}
          problem={vault.problemOf(attemptRow(id, number))}
          headers={headers ?? []}
          body={{
            bytes: body,
            size: bodySize,
            isPruned: bodiesPruned,
            isTruncated: bodyTruncated,
            href: `${href}#response`,
          }}
        />
      )}
    </>
  )
}
