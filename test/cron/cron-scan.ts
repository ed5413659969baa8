/*
 * When a cron expression fires, found by looking at the clock minute by minute, as a cron daemon does. Shares nothing with
 * the library: it reads expressions of numbers, names, `*`, ranges, steps, L and # by itself, and clocks through `formatToParts`.
 */

const MINUTE_MS = 60_000

/** A minute as the clock of a zone shows it, and as a count that a clock which is never changed would show. */
export interface Shown {
  minute: number
  hour: number
  day: number
  month: number
  weekday: number
  daysInMonth: number
  /** Minutes since 1970 on this clock. */
  count: number
}

/** What the clock of a zone shows at each minute from `fromMs` on. */
export function showClock(timeZone: string, fromMs: number, minutes: number): Shown[] {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
  return Array.from({ length: minutes }, (_, index) => {
    const parts = new Map(
      format.formatToParts(fromMs + index * MINUTE_MS).map(({ type, value }) => [type, Number(value)]),
    )
    const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) as number
    return shown(Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute')) / MINUTE_MS)
  })
}

function shown(count: number): Shown {
  const date = new Date(count * MINUTE_MS)
  return {
    minute: date.getUTCMinutes(),
    hour: date.getUTCHours(),
    day: date.getUTCDate(),
    month: date.getUTCMonth() + 1,
    weekday: date.getUTCDay(),
    daysInMonth: new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate(),
    count,
  }
}

/** The minutes, as indexes of `clock`, at which an expression of five fields fires. */
export function scan(expression: string, clock: readonly Shown[]): number[] {
  const matches = matcher(expression)
  const [minute = '', hour = ''] = expression.split(' ')
  const followsClock = minute.includes('*') || hour.includes('*')
  const fires: number[] = []
  let reached = (clock[0] as Shown).count - 1
  clock.forEach((now, index) => {
    if (followsClock) {
      if (matches(now)) fires.push(index)
      return
    }
    // As Vixie cron: what the clock has gone over is made up for, what it shows again is not done again.
    let isDue = false
    for (; reached < now.count; reached++) isDue ||= matches(reached + 1 === now.count ? now : shown(reached + 1))
    if (isDue) fires.push(index)
  })
  return fires
}

function matcher(expression: string): (now: Shown) => boolean {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = expression.split(' ')
  const minutes = table(minute, 0, 59)
  const hours = table(hour, 0, 23)
  const months = table(month, 1, 12)
  const isEither = !day.includes('*') && !weekday.includes('*')
  const inMonth = dayOfMonth(day)
  const inWeek = dayOfWeek(weekday)
  return (now) => {
    if (!minutes[now.minute] || !hours[now.hour] || !months[now.month]) return false
    return isEither ? inMonth(now) || inWeek(now) : inMonth(now) && inWeek(now)
  }
}

function dayOfMonth(field: string): (now: Shown) => boolean {
  const days = table(field.replace('L', '32'), 1, 32)
  return ({ day, daysInMonth }) =>
    days[day] === true || (days[32] === true && field.includes('L') && day === daysInMonth)
}

function dayOfWeek(field: string): (now: Shown) => boolean {
  const [kind = '', nth] = field.split('#')
  if (nth !== undefined) {
    return ({ weekday, day }) => weekday === Number(kind) % 7 && day > 7 * (Number(nth) - 1) && day <= 7 * Number(nth)
  }
  if (field.endsWith('L')) {
    return ({ weekday, day, daysInMonth }) => weekday === Number.parseInt(field, 10) % 7 && day > daysInMonth - 7
  }
  const days = table(field, 0, 7)
  return ({ weekday }) => days[weekday] === true || (weekday === 0 && days[7] === true)
}

const NAMES = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

function number(text: string): number {
  const name = text.toLowerCase()
  if (NAMES.includes(name)) return NAMES.indexOf(name) + 1
  return WEEKDAYS.includes(name) ? WEEKDAYS.indexOf(name) : Number(text)
}

/** Which values a list of numbers, ranges and steps names. */
function table(field: string, min: number, max: number): boolean[] {
  const named: boolean[] = []
  for (const item of field.split(',')) {
    const [range = '', step = ''] = item.split('/')
    const [from = '', to = step === '' ? from : String(max)] = range.split('-')
    const [low, high] = range === '*' ? [min, max] : [number(from), number(to)]
    for (let value = low; value <= high; value += Number(step || 1)) named[value] = true
  }
  return named
}
