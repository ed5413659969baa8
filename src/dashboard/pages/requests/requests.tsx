import { type InvalidInputError, isInvalidInput } from '../../../errors.ts'
import type { BoundedCount } from '../../../inspect/bounded-count.ts'
import { QUICK } from '../../../inspect/effort.ts'
import { type CountedPage, requestsAndCount } from '../../../inspect/requests.ts'
import { Note } from '../../view/badge.tsx'
import { countText, numberText } from '../../view/format.ts'
import { Empty } from '../../view/table.tsx'
import type { Page, Shown, View } from '../../view/view.ts'
import { filterOf } from '../filter-query.ts'
import { AllActions } from './bulk.tsx'
import { Chips } from './chips.tsx'
import { type Field, fieldOfPath } from './fields.ts'
import { FilterForm } from './filter-form.tsx'
import { RequestList } from './list.tsx'
import { Pager } from './pager.tsx'

/** The requests that match the conditions of the address, the last ones first. */
export const requestsPage: Page = {
  path: '/requests',
  show: async (view) => {
    try {
      const where = filterOf(view.query, Date.now())
      const found = await requestsAndCount(view.parts.db, where, view.query.get('before') ?? undefined, QUICK)
      return shown(view, null, <Matches view={view} found={found} isFiltered={where !== undefined} />)
    } catch (error) {
      if (!isInvalidInput(error)) throw error
      return { ...shown(view, error, null), status: 400 }
    }
  },
}

function shown(view: View, problem: InvalidInputError | null, matches: Shown['content'] | null): Shown {
  const wrong = problem ? fieldOfPath(problem.field) : undefined
  return {
    title: 'Requests',
    content: (
      <>
        <FilterForm view={view} wrong={wrong} />
        <Chips view={view} />
        {problem && (
          <div id="filter-problem" role="alert">
            <Note tone="bad">{messageOf(problem, wrong)}</Note>
          </div>
        )}
        {matches}
      </>
    ),
  }
}

/** By the name that the field has in the form. */
function messageOf({ field, message }: InvalidInputError, wrong: Field | undefined): string {
  return wrong && message.startsWith(field) ? `${wrong.label}${message.slice(field.length)}` : message
}

function Matches({ view, found, isFiltered }: { view: View; found: CountedPage; isFiltered: boolean }) {
  const { requests, next, count, isFull } = found
  return (
    <>
      <div class="bar">
        <p class="summary">{count === null ? 'Earlier requests' : foundText(count, requests.length, isFiltered)}</p>
        {isFiltered && <AllActions view={view} />}
      </div>
      {requests.length > 0 && <RequestList requests={requests} view={view} />}
      {requests.length === 0 && <None view={view} next={next} isFiltered={isFiltered} />}
      <Pager view={view} next={next} isFull={isFull} />
    </>
  )
}

function foundText(count: BoundedCount, shown: number, isFiltered: boolean): string {
  if (!isFiltered) return `${countText(count)} in all`
  // The sample has missed what is rare.
  if (count.isEstimate && count.count <= shown)
    return shown === 0 ? 'No match so far' : `At least ${numberText(shown)} match`
  return `${countText(count)} match`
}

function None({ view, next, isFiltered }: { view: View; next: string | null; isFiltered: boolean }) {
  if (next !== null) return <Empty title="None of the requests that were looked at match" />
  if (view.query.has('before')) return <Empty title="There are no earlier ones" />
  if (isFiltered) {
    return (
      <Empty title="No request matches">
        <p>
          Take a condition away, or <a href={view.href('/requests')}>show all requests</a>.
        </p>
      </Empty>
    )
  }
  return (
    <Empty title="No requests yet">
      <p>
        <code>{"await requeuest.spawn('channel', { url })"}</code> spawns one.
      </p>
    </Empty>
  )
}
