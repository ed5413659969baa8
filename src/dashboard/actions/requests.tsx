import type { RequestFilter } from '../../control/filter.ts'
import type { BoundedCount } from '../../inspect/bounded-count.ts'
import { QUICK } from '../../inspect/effort.ts'
import { type ListedRequest, requestsAndCount } from '../../inspect/requests.ts'
import type { RequestState } from '../../policy/request.ts'
import { Badge, Note } from '../view/badge.tsx'
import { countText, plural, rounded } from '../view/format.ts'
import type { Content } from '../view/html.ts'
import { shortened } from '../view/url.tsx'
import type { View } from '../view/view.ts'
import type { Question } from './action.ts'
import { FilterWords } from './filter-words.tsx'

/** From how many on a page warns. */
const MANY = 1000

interface Bulk {
  where: RequestFilter
  /** Those that it can change. */
  states: readonly RequestState[]
  verb: string
  text: Content
  fields?: Content
}

/** Asks about all requests that match, with how many these are now. */
export async function askAboutMany(view: View, form: URLSearchParams, bulk: Bulk): Promise<Question> {
  const { states, verb, text, fields } = bulk
  const where = { state: { in: states }, ...bulk.where }
  const found = await requestsAndCount(view.parts.db, where, undefined, QUICK)
  // This is the first page of them, which is counted.
  const count = found.count as BoundedCount
  const requests = requestsText(count, found.requests.length)
  const inStates = states.join(' or ')
  if (count.count === 0 && !count.isEstimate) {
    return {
      title: 'There is nothing to do',
      button: verb,
      text: (
        <>
          <p>{`No request that matches is ${inStates}.`}</p>
          <FilterWords query={form} />
        </>
      ),
      isPointless: true,
    }
  }
  const listed = count.count === 1 && !count.isEstimate ? found.requests : []
  return {
    title: `${verb} ${requests}?`,
    button: `${verb} ${requests}`,
    many: count.isEstimate ? rounded(count.count) : count.count,
    fields,
    text: (
      <>
        {listed.map((request) => (
          <Brief of={request} />
        ))}
        {listed.length === 0 && (
          <>
            <p>
              {bulk.where.state === undefined
                ? `All requests that are ${inStates} and match:`
                : 'All requests that match:'}
            </p>
            <FilterWords query={form} />
          </>
        )}
        {count.count > MANY && (
          <Note tone="warn">
            {`These are ${countText(count)} requests. They are changed in batches of 1,000; what was changed stays so if you stop.`}
          </Note>
        )}
        {text}
      </>
    ),
  }
}

/** The request with this id; undefined if there is none. */
export async function requestWith(view: View, id: string): Promise<ListedRequest | undefined> {
  return (await view.requeuest.inspect.requests({ id }, { limit: 1 })).requests[0]
}

/** One request in a line. */
export function Brief({ of: { state, method, url, channel, attemptCount } }: { of: ListedRequest }) {
  return (
    <p class="brief">
      <Badge of={state} /> <span class="method">{method}</span> <span>{shortened(url)}</span>{' '}
      <span class="faint">{`in ${channel}, ${plural(attemptCount, 'attempt')}`}</span>
    </p>
  )
}

function requestsText(count: BoundedCount, shown: number): string {
  // The sample has missed what is rare.
  if (count.isEstimate && count.count <= shown) {
    return shown === 0 ? 'all requests that match' : `at least ${plural(shown, 'request')}`
  }
  return count.count === 1 ? '1 request' : `${countText(count)} requests`
}
