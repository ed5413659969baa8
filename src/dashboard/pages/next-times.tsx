import { upcoming } from '../../cron/upcoming.ts'
import type { FoundSchedule } from '../../schedules/schedules.ts'
import { Time } from '../view/time.tsx'

const MOST = 5

/** When a schedule fires next: from now, and by the clocks of its own zone. */
export function NextTimes({ of: { cron, timezone, nextRunAt } }: { of: FoundSchedule }) {
  if (nextRunAt === null) return <span class="none">–</span>
  const [first, ...others] = upcoming(cron, timezone, nextRunAt.getTime(), MOST).map((ms) => new Date(ms))
  const text = textIn(timezone)
  const entry = (at: Date) => (
    <li>
      <span class="faint">{text(at)}</span> <Time at={at} />
    </li>
  )
  return (
    <>
      <ul class="times">{first && entry(first)}</ul>
      <details>
        <summary>{`Then ${others.length} more`}</summary>
        <ul class="times">{others.map(entry)}</ul>
      </details>
    </>
  )
}

/** As a clock on the wall there shows it. */
function textIn(timeZone: string): (at: Date) => string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  return (at) => format.format(at)
}
