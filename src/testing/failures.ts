import { ExpectationError, redactUrl } from '../errors.ts'
import type { FailedEvent } from '../events/event.ts'
import type { FoundRequest } from '../results/find.ts'
import type { Scope } from './scope.ts'

const HOW_TO_ALLOW =
  "A receiver on this machine is blocked unless an option allows it: `new Requeuest(prisma, { network: { allow: ['127.0.0.1'] } })`.\n"
const MOST_LISTED = 20

/** Runs `work`, and returns the ids of the requests that this instance has failed meanwhile. */
export async function failedDuring({ requeuest }: Scope, work: () => Promise<void>): Promise<string[]> {
  const ids: string[] = []
  const onFailed = ({ requestId }: FailedEvent) => void ids.push(requestId)
  requeuest.on('failed', onFailed)
  try {
    await work()
    return ids
  } finally {
    requeuest.off('failed', onFailed)
  }
}

/** Throws {@link ExpectationError}, which says why these requests failed, if there are any. */
export async function throwIfAny({ requeuest }: Scope, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  const found = await Promise.all(ids.slice(0, MOST_LISTED).map((id) => requeuest.find(id, { attempts: { last: 1 } })))
  const requests = found.filter((request) => request !== null)
  const lines = requests.map((request) => `\n  ${describe(request)}`)
  const more = ids.length > MOST_LISTED ? `\n  and ${ids.length - MOST_LISTED} more` : ''
  const isBlocked = requests.some(({ failureCode }) => failureCode === 'address_blocked')
  throw new ExpectationError(
    `${ids.length} request${ids.length === 1 ? '' : 's'} failed:${lines.join('')}${more}\n${isBlocked ? HOW_TO_ALLOW : ''}` +
      "If that is meant, pass `{ failures: 'return' }`.",
  )
}

function describe({ id, channel, method, url, failureCode, attemptCount, attempts: [last] }: FoundRequest): string {
  const why = last?.errorMessage ?? (last?.status ? `status ${last.status}` : 'never sent')
  const times = `${attemptCount} attempt${attemptCount === 1 ? '' : 's'}`
  return `${id} ${channel} ${method} ${redactUrl(url)}: ${failureCode} after ${times}: ${redactUrl(why)}`
}
