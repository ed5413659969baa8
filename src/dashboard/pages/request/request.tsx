import { requestRow } from '../../../encryption/vault.ts'
import { isInvalidInput } from '../../../errors.ts'
import { type Situation, situation } from '../../../inspect/situation.ts'
import { checkId } from '../../../options/spawn.ts'
import { type FoundRequest, find, resolveFindOptions } from '../../../results/find.ts'
import { withDatabaseErrors } from '../../../store/db.ts'
import { NOT_FOUND } from '../../view/problem.tsx'
import { shortened } from '../../view/url.tsx'
import type { Page, View } from '../../view/view.ts'
import { Attempts } from './attempts.tsx'
import { Curl } from './curl-text.tsx'
import { Facts } from './facts.tsx'
import { Message } from './message.tsx'
import { PageVault } from './page-vault.ts'
import { RequestActions } from './request-actions.tsx'
import { Response } from './response.tsx'
import { bodiesToRead, wantedOf } from './show.ts'
import type { TimelineFacts } from './timeline.ts'
import { Timeline } from './timeline-chart.tsx'
import { NextStep } from './what-next.tsx'

/** One request: what it is, what became of it, and what will. */
export const requestPage: Page = {
  path: '/requests/:id',
  show: async (view) => {
    const found = await look(view)
    if (found === null) return NOT_FOUND
    const { request } = found
    return { title: `${request.method} ${shortened(request.url)}`, content: <Shown view={view} {...found} /> }
  },
}

interface Found {
  request: FoundRequest
  situation: Situation
  vault: PageVault
}

async function look(view: View): Promise<Found | null> {
  const { parts, options, query, params } = view
  const id = idOf(params['id'])
  if (id === null) return null
  const before = query.get('before')
  const terms = resolveFindOptions(before === null ? {} : { attempts: { before: Number(before) } })
  const vault = new PageVault(parts.vault, options.bodies === 'reveal')
  const bodies = bodiesToRead(wantedOf(view), options.bodies)
  const request = await withDatabaseErrors(() => find(parts.db, vault, id, terms, parts.hide, bodies))
  const around = request && (await situation(parts.db, id, request.channel))
  return around && { request, situation: around, vault }
}

/** Null for what is no id: there is nothing at such an address. */
function idOf(text = ''): string | null {
  try {
    return checkId(text)
  } catch (error) {
    if (isInvalidInput(error)) return null
    throw error
  }
}

function Shown({ view, request, situation, vault }: Found & { view: View }) {
  const wanted = wantedOf(view)
  const number = typeof wanted === 'object' ? wanted?.attempt : undefined
  const shown = request.attempts.find((attempt) => attempt.number === number) ?? request.attempts.at(-1)
  const isSame = shown !== undefined && shown.number === number
  return (
    <>
      <NextStep view={view} request={request} situation={situation} />
      <RequestActions view={view} request={request} situation={situation} />
      <Timeline facts={timelineOf(view, request, situation)} />
      <Facts view={view} request={request} situation={situation} />
      <Attempts view={view} request={request} shown={isSame ? shown : undefined} />
      <Message
        view={view}
        id="request"
        title="Request"
        problem={vault.problemOf(requestRow(request.id))}
        headers={request.headers}
        body={{
          bytes: request.body,
          size: situation.bodySize,
          isPruned: request.bodiesPruned,
          isTruncated: false,
          href: `${view.href(`/requests/${request.id}`, { show: 'request' })}#request`,
        }}
      >
        <Curl request={request} bodySize={situation.bodySize} />
      </Message>
      {shown && <Response view={view} request={request} attempt={shown} vault={vault} />}
    </>
  )
}

function timelineOf({ query }: View, request: FoundRequest, { now, claim }: Situation): TimelineFacts {
  return {
    state: request.state,
    isBlocked: request.blocked,
    createdAtMs: request.createdAt.getTime(),
    runAtMs: request.runAt.getTime(),
    finishedAtMs: request.finishedAt?.getTime() ?? null,
    claimedAtMs: claim.at?.getTime() ?? null,
    nowMs: now.getTime(),
    attemptCount: request.attemptCount,
    isCut: query.has('before'),
    attempts: request.attempts.map(({ number, outcome, durationMs, startedAt, nextRunAt }) => ({
      number,
      outcome,
      durationMs,
      startedAtMs: startedAt.getTime(),
      nextRunAtMs: nextRunAt?.getTime() ?? null,
    })),
  }
}
