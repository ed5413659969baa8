import type { ListedRequest } from '../../inspect/requests.ts'
import { requestIdOf } from '../../policy/schedule.ts'
import type { FoundSchedule } from '../../schedules/schedules.ts'
import { ActionLink } from '../view/action-button.tsx'
import { Badge } from '../view/badge.tsx'
import { Empty, Table } from '../view/table.tsx'
import { Time } from '../view/time.tsx'
import { shortened } from '../view/url.tsx'
import type { Page, View } from '../view/view.ts'
import { NextTimes } from './next-times.tsx'

/** How many a page has. */
const MOST = 50

/** What is spawned at the times of cron expressions. */
export const schedulesPage: Page = {
  path: '/schedules',
  show: async (view) => {
    const after = view.query.get('after') ?? ''
    // In one order for both: that of the database depends on its locale.
    const found = (await view.requeuest.schedules())
      .filter(({ name }) => name > after)
      .sort((one, other) => (one.name < other.name ? -1 : 1))
    const schedules = found.slice(0, MOST)
    const runs = await lastRunsOf(view, schedules)
    return {
      title: 'Schedules',
      content:
        schedules.length === 0 ? (
          <Empty title="There are no schedules">
            <p>
              <code>{"await requeuest.schedule('nightly', { cron: '30 2 * * *', channel, request: { url } })"}</code>{' '}
              makes one. Any worker fires it.
            </p>
          </Empty>
        ) : (
          <>
            <Schedules view={view} schedules={schedules} runs={runs} />
            {found.length > MOST && (
              <nav class="pages" aria-label="Parts of the list">
                <a href={view.href('/schedules', { after: schedules.at(-1)?.name ?? '' })}>More schedules</a>
              </nav>
            )}
          </>
        ),
    }
  },
}

/** The requests that were spawned last, as far as they are still there, by the names of their schedules. */
async function lastRunsOf(
  { requeuest }: View,
  schedules: readonly FoundSchedule[],
): Promise<Map<string, ListedRequest>> {
  const names = new Map(
    schedules.flatMap(({ name, lastRunAt }) =>
      lastRunAt ? [[requestIdOf(name, lastRunAt.getTime()), name] as const] : [],
    ),
  )
  if (names.size === 0) return new Map()
  const { requests } = await requeuest.inspect.requests({ id: { in: [...names.keys()] } }, { limit: names.size })
  return new Map(requests.map((request) => [names.get(request.id) ?? '', request]))
}

interface SchedulesProps {
  view: View
  schedules: readonly FoundSchedule[]
  runs: ReadonlyMap<string, ListedRequest>
}

function Schedules({ view, schedules, runs }: SchedulesProps) {
  const head = ['Schedule', 'State', 'Sends', 'Last run', 'Next times']
  return (
    <Table
      label="Schedules"
      head={
        <>
          {head.map((name) => (
            <th scope="col">{name}</th>
          ))}
          <th scope="col">
            <span class="unseen">Actions</span>
          </th>
        </>
      }
    >
      {schedules.map((schedule) => (
        <tr id={`s-${encodeURIComponent(schedule.name)}`}>
          <th scope="row" class="wide">
            {schedule.name}
            <br />
            <code>{schedule.cron}</code> <span class="faint">{schedule.timezone}</span>
          </th>
          <td class={schedule.problem === null ? undefined : 'wide'}>
            <State of={schedule} />
          </td>
          <td class="wide">
            <span class="method">{schedule.method}</span> {shortened(schedule.url)}
            <br />
            <span class="faint">{`in ${schedule.channel}; ${CATCH_UP[schedule.catchUp]}`}</span>
          </td>
          <td>
            <LastRun view={view} at={schedule.lastRunAt} request={runs.get(schedule.name)} />
          </td>
          <td>
            <NextTimes of={schedule} />
          </td>
          <td>
            <Buttons view={view} schedule={schedule} />
          </td>
        </tr>
      ))}
    </Table>
  )
}

const CATCH_UP: Readonly<Record<FoundSchedule['catchUp'], string>> = {
  skip: 'missed times are skipped',
  once: 'missed times fire once',
  all: 'each missed time fires',
}

function State({ of: { problem, pausedAt } }: { of: FoundSchedule }) {
  if (problem !== null) {
    return (
      <>
        <Badge of="cannot fire" tone="bad" /> {problem}
      </>
    )
  }
  if (pausedAt === null) return <Badge of="active" tone="good" />
  return (
    <>
      <Badge of="paused" tone="warn" /> <Time at={pausedAt} />
    </>
  )
}

function LastRun({ view, at, request }: { view: View; at: Date | null; request: ListedRequest | undefined }) {
  if (at === null) return <span class="none">never</span>
  return (
    <>
      <Time at={at} />
      <br />
      {request ? (
        <a href={view.href(`/requests/${request.id}`)}>
          <Badge of={request.state} />
        </a>
      ) : (
        <span class="faint">its request is gone</span>
      )}
    </>
  )
}

function Buttons({ view, schedule: { name, pausedAt, problem } }: { view: View; schedule: FoundSchedule }) {
  return (
    <div class="buttons">
      {pausedAt === null && problem === null && (
        <ActionLink view={view} name="runSchedule" query={{ schedule: name }} label={`Run now: ${name}`}>
          Run now
        </ActionLink>
      )}
      <ActionLink
        view={view}
        name={pausedAt === null ? 'pauseSchedule' : 'resumeSchedule'}
        query={{ schedule: name }}
        label={`${pausedAt === null ? 'Pause' : 'Resume'} ${name}`}
      >
        {pausedAt === null ? 'Pause' : 'Resume'}
      </ActionLink>
    </div>
  )
}
