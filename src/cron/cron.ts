import { CronExpressionParser } from 'cron-parser'
import { nearest } from '../check/check.ts'
import { InvalidInputError, reasonOf } from '../errors.ts'
import { type CronField, withoutOverlap } from './cron-list.ts'
import { TimeZone } from './time-zone.ts'
import { type CronTimes, WallClock } from './wall-clock.ts'

const DAY_MS = 86_400_000

/** What stands for a whole expression: those of Vixie cron, and the others that cron-parser knows. */
const MACROS: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
  ['@minutely', '* * * * *'],
  ['@secondly', '* * * * * *'],
  ['@weekdays', '0 0 * * 1-5'],
  ['@weekends', '0 0 * * 0,6'],
])

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const FIELDS: readonly CronField[] = [
  { name: 'second', min: 0, max: 59 },
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, names: MONTHS },
  { name: 'day of week', min: 0, max: 7, names: DAYS, cycle: 7 },
]
const FORMS =
  'a cron expression of 5 fields (minute, hour, day of month, month, day of week), or 6 with seconds in front'
/** cron-parser takes no longer one. */
const MAX_LENGTH = 1000

/**
 * When a schedule fires: the times of a cron expression on the clocks of a time zone.
 *
 * Where the clocks are changed it does as Vixie cron (cron(8), "Local time changes … caused by DST changes"). An expression
 * with a `*` in its hours, minutes or seconds follows the clock: what is skipped does not fire, what is repeated fires
 * again. Any other names fixed times, each of which fires once: one that is skipped fires at the moment at which the
 * clocks go forward, one that is repeated fires the first time. Vixie cron does so for changes of less than three hours;
 * here it holds for any. Times that fall together fire once.
 *
 * cron-parser 5 reads the expression, but its own arithmetic is not used. It lets a skipped time fire later by what was
 * skipped, fires what is skipped of an interval, and loses or doubles times where the change is not by a whole hour.
 */
export class Cron {
  readonly #clock: WallClock
  readonly #zone: TimeZone
  /** Whether it names fixed times instead of following the clock. */
  readonly #fixed: boolean

  /**
   * @param timezone - a name of the IANA time zone database
   * @throws {@link InvalidInputError} saying what is wrong with which field of the expression, or with the zone
   */
  constructor(expression: string, timezone: string) {
    const fields = splitFields(expression)
    this.#clock = new WallClock(readTimes(expression, fields))
    this.#fixed = !fields.slice(0, 3).some(isStar)
    this.#zone = readZone(timezone)
    try {
      this.#clock.after(0)
    } catch (never) {
      throw refused(expression, reasonOf(never))
    }
  }

  /** The first time after `afterMs` at which it fires, in milliseconds since 1970. */
  next(afterMs: number): number {
    // A change that was lately may still have its repeated times before it.
    const change = this.#zone.firstTransition(afterMs - DAY_MS, afterMs)
    let offset = this.#zone.offsetAt(afterMs)
    let behind = afterMs + offset
    if (change !== undefined && this.#fixed) behind = Math.max(behind, change.atMs + change.before - 1)
    let beganAt = afterMs
    for (;;) {
      const at = Math.max(this.#clock.after(behind) - offset, beganAt)
      const next = this.#zone.firstTransition(beganAt, at)
      if (next === undefined) return at
      offset = next.after
      beganAt = next.atMs
      // Fixed times go on where the old clock stopped: the new one is only what they are counted in.
      behind = next.atMs + (this.#fixed ? next.before : next.after) - 1
    }
  }

  /** The last time not after `untilMs` at which it fires, `firstMs` being one. Takes few steps, however many there were. */
  latest(firstMs: number, untilMs: number): number {
    let latest = firstMs
    let end = untilMs
    while (latest < end) {
      const middle = Math.floor((latest + end) / 2)
      const next = this.next(middle)
      if (next <= untilMs) latest = next
      else end = middle
    }
    return latest
  }
}

/** The six fields. */
function splitFields(expression: unknown): string[] {
  if (typeof expression !== 'string' || expression.length > MAX_LENGTH) throw refused(expression)
  const text = expression.trim()
  if (text.startsWith('@') && !MACROS.has(text)) {
    throw refused(expression, `the macros are ${[...MACROS.keys()].join(', ')}`)
  }
  const fields = (MACROS.get(text) ?? text).split(/\s+/)
  if (fields.length === 5) return ['0', ...fields]
  if (fields.length === 6) return fields
  throw refused(expression, `it has ${text === '' ? 'none' : fields.length}`)
}

function readTimes(expression: string, fields: readonly string[]): CronTimes {
  // It would fire at another time in each process.
  const hashed = fields.findIndex((field) => /h/i.test(field.replace(/thu|mar/gi, '')))
  if (hashed >= 0) throw refused(expression, `${FIELDS[hashed]?.name}: H is not taken, spread with \`jitter\``)
  const { second, minute, hour, month, dayOfMonth, dayOfWeek } = parse(expression, fields).fields
  const numbers = (values: readonly (number | string)[]) => values.filter((value) => typeof value === 'number')
  return {
    seconds: second.values,
    minutes: minute.values,
    hours: hour.values,
    months: month.values,
    daysOfMonth: numbers(dayOfMonth.values),
    lastDay: dayOfMonth.hasLastChar,
    weekdays: numbers(dayOfWeek.values),
    nthWeekday: dayOfWeek.nthDay,
    lastWeekdays: dayOfWeek.values.flatMap((value) =>
      typeof value === 'number' ? [] : Number.parseInt(value, 10) % 7,
    ),
    eitherDay: !isStar(fields[3]) && !isStar(fields[5]),
  }
}

function parse(expression: string, written: readonly string[]) {
  const fields = FIELDS.map((field, index) => withoutOverlap(written[index] as string, field))
  try {
    return CronExpressionParser.parse(fields.join(' '), { tz: 'UTC' })
  } catch (whole) {
    // The parser does not say which field it means, so each is tried among others that are right.
    for (const [index, { name }] of FIELDS.entries()) {
      try {
        const alone = fields.map((field, other) => (other === index ? field : '*'))
        CronExpressionParser.parse(alone.join(' '), { tz: 'UTC' })
      } catch (wrong) {
        throw refused(expression, `${name}: ${reasonOf(wrong)}`)
      }
    }
    throw refused(expression, reasonOf(whole))
  }
}

function refused(expression: unknown, reason?: string): InvalidInputError {
  return new InvalidInputError('schedule.cron', expression, reason === undefined ? FORMS : `${FORMS} (${reason})`)
}

function readZone(timezone: unknown): TimeZone {
  const zone = typeof timezone === 'string' ? TimeZone.named(timezone) : null
  if (zone !== null) return zone
  const near = typeof timezone === 'string' ? nearest(timezone, Intl.supportedValuesOf('timeZone')) : undefined
  const hint = near === undefined ? '' : `, did you mean '${near}'?`
  throw new InvalidInputError(
    'schedule.timezone',
    timezone,
    `a name of the IANA time zone database such as 'Europe/Vienna'${hint}`,
  )
}

function isStar(field: string | undefined): boolean {
  return /[*?]/.test(field ?? '')
}
