import { InvalidInputError } from '../../errors.ts'
import { QUICK, THOROUGH } from '../../inspect/effort.ts'
import { type FailureGroup, type FailureReport, failures } from '../../inspect/failures.ts'
import { ActionLink } from '../view/action-button.tsx'
import { Badge, Note } from '../view/badge.tsx'
import { numberText, percentText, plural } from '../view/format.ts'
import { Empty, Table } from '../view/table.tsx'
import { Time } from '../view/time.tsx'
import { type Page, queryText, type View } from '../view/view.ts'

const SPANS = { '1h': 'last hour', '24h': 'last 24 hours', all: 'all' } as const
type Span = keyof typeof SPANS

const BAR_WIDTH = 120
const BAR_HEIGHT = 8

/** Why requests failed: those of one receiver whose last attempts ended alike together. */
export const failuresPage: Page = {
  path: '/failures',
  show: async (view) => {
    const span = spanOf(view)
    const isThorough = view.query.get('look') === 'far'
    const report = await failures(view.parts.db, span === 'all' ? {} : { within: span }, isThorough ? THOROUGH : QUICK)
    return {
      title: 'Failures',
      content: (
        // What takes longer is asked for once.
        <div data-still={isThorough ? '' : undefined}>
          <nav class="choice" aria-label="Span">
            {Object.entries(SPANS).map(([value, name]) => (
              <a href={view.href('/failures', { within: value })} aria-current={value === span ? 'true' : undefined}>
                {name}
              </a>
            ))}
          </nav>
          <Coverage view={view} report={report} span={span} isThorough={isThorough} />
          {report.groups.length === 0 ? (
            <Empty title={span === 'all' ? 'No request has failed' : `No request failed in the ${SPANS[span]}`}>
              <p>A request fails when it has no attempt left, has expired, or its receiver says that it is in vain.</p>
            </Empty>
          ) : (
            <Groups view={view} report={report} />
          )}
        </div>
      ),
    }
  },
}

function spanOf({ query }: View): Span {
  const given = query.get('within') ?? '24h'
  if (Object.hasOwn(SPANS, given)) return given as Span
  throw new InvalidInputError('within', given, `one of ${Object.keys(SPANS).join(', ')}`)
}

interface CoverageProps {
  view: View
  report: FailureReport
  span: Span
  isThorough: boolean
}

/** How far the page has looked. */
function Coverage({ view, report: { requests, since, isComplete }, span, isThorough }: CoverageProps) {
  if (requests === 0 || since === null) return null
  if (isComplete) return <p class="summary">{plural(requests, 'failed request')}</p>
  return (
    <Note tone="warn">
      {`Only the last ${numberText(requests)} failed requests are grouped here: there are more, from before `}
      <Time at={since} />
      {'. '}
      {!isThorough && <a href={view.href('/failures', { within: span, look: 'far' })}>Look at the last 10,000</a>}
    </Note>
  )
}

function Groups({ view, report: { groups, requests } }: { view: View; report: FailureReport }) {
  const head = (
    <>
      <th scope="col">Receiver</th>
      <th scope="col">Why</th>
      <th scope="col" class="number">
        Requests
      </th>
      <th scope="col">Share</th>
      <th scope="col">First</th>
      <th scope="col">Last</th>
      <th scope="col">
        <span class="unseen">Actions</span>
      </th>
    </>
  )
  return (
    <Table label="Failures" head={head}>
      {groups.map((group) => (
        <tr id={`f-${encodeURIComponent(queryText(conditionsOfGroup(group)))}`}>
          <th scope="row" class="wide">
            {group.origin === '' ? (
              <span class="faint">no worker has looked at them</span>
            ) : (
              <a href={view.href('/requests', conditionsOfGroup(group))}>{group.origin}</a>
            )}
          </th>
          <td>
            <Why of={group} />
          </td>
          <td class="number">{numberText(group.count)}</td>
          <td>
            <Share part={group.count} whole={requests} />
          </td>
          <td>
            <Time at={group.firstAt} />
          </td>
          <td>
            <a href={view.href(`/requests/${group.exampleId}`)}>
              <Time at={group.lastAt} />
            </a>
          </td>
          <td>
            {/* Without a receiver the conditions would select those of others. */}
            {group.origin !== '' && (
              <ActionLink
                view={view}
                name="redrive"
                query={conditionsOfGroup(group)}
                label={`Redrive what failed so at ${group.origin}`}
              >
                Redrive
              </ActionLink>
            )}
          </td>
        </tr>
      ))}
    </Table>
  )
}

function Why({ of: { failureCode, outcome, status, errorCode } }: { of: FailureGroup }) {
  return (
    <>
      {outcome ? <Badge of={outcome} /> : <Badge of="no attempt" />} {status ?? errorCode}{' '}
      <span class="faint">{failureCode?.replaceAll('_', ' ')}</span>
    </>
  )
}

/** A bar as long as the part is of the whole. */
function Share({ part, whole }: { part: number; whole: number }) {
  const share = percentText(part, whole)
  return (
    <svg class="share" width={BAR_WIDTH} height={BAR_HEIGHT} role="img" aria-label={share}>
      <title>{share}</title>
      <rect class="whole" width={BAR_WIDTH} height={BAR_HEIGHT} rx={2} />
      <rect class="part" width={Math.max(2, (BAR_WIDTH * part) / whole)} height={BAR_HEIGHT} rx={2} />
    </svg>
  )
}

/** `group.where`, as the address of a list and the form of an action have it. */
function conditionsOfGroup({ origin, failureCode, outcome, status, errorCode }: FailureGroup) {
  return {
    state: 'failed',
    origin,
    ...(failureCode !== null && { 'failure-code': failureCode }),
    ...(outcome !== null && {
      outcome,
      ...(status !== null && { status: String(status) }),
      ...(errorCode !== null && { 'error-code': errorCode }),
    }),
  }
}
