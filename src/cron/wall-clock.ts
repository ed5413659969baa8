/** What an expression names, field by field; numbers in ascending order. */
export interface CronTimes {
  seconds: readonly number[]
  minutes: readonly number[]
  hours: readonly number[]
  /** 1 is January. */
  months: readonly number[]
  daysOfMonth: readonly number[]
  /** Whether it names the last day of the month. */
  lastDay: boolean
  /** 0 is Sunday. */
  weekdays: readonly number[]
  /** Which one of its kind in the month a weekday has to be; 0 for any. */
  nthWeekday: number
  /** Weekdays of which the last of its kind in the month is named. */
  lastWeekdays: readonly number[]
  /** Whether one of day of month and day of week is enough, or both have to hold. */
  eitherDay: boolean
}

const DAY_MS = 86_400_000
const DAY_S = 86_400
/** The rarest day is a 29th of February that is a certain weekday. Around 2100, which is no leap year, it takes 40 years. */
const RAREST_DAYS = 41 * 366

/** The times that an expression names, on a clock that nobody changes. Times are milliseconds since the clock's 1970. */
export class WallClock {
  readonly #times: CronTimes

  constructor(times: CronTimes) {
    this.#times = times
  }

  /** The first time after `ms`. Throws an error that says so when no year has a day of this kind. */
  after(ms: number): number {
    const second = Math.floor(ms / 1000) + 1
    const today = Math.floor(second / DAY_S)
    if (this.#isDay(today)) {
      const time = this.#timeFrom(second - today * DAY_S)
      if (time !== null) return (today * DAY_S + time) * 1000
    }
    for (let day = today + 1; day <= today + RAREST_DAYS; day++) {
      if (this.#isDay(day)) return (day * DAY_S + (this.#timeFrom(0) ?? 0)) * 1000
    }
    throw new Error('no year has such a day')
  }

  /** The first time of a day that is not before the given second of it. */
  #timeFrom(from: number): number | null {
    const { hours, minutes, seconds } = this.#times
    for (const hour of hours) {
      if ((hour + 1) * 3600 <= from) continue
      for (const minute of minutes) {
        const start = hour * 3600 + minute * 60
        if (start + 60 <= from) continue
        for (const second of seconds) if (start + second >= from) return start + second
      }
    }
    return null
  }

  /** @param day - days since 1970 */
  #isDay(day: number): boolean {
    const date = new Date(day * DAY_MS)
    const { months, eitherDay } = this.#times
    if (!months.includes(date.getUTCMonth() + 1)) return false
    const inMonth = this.#isDayOfMonth(date)
    const inWeek = this.#isDayOfWeek(date)
    return eitherDay ? inMonth || inWeek : inMonth && inWeek
  }

  #isDayOfMonth(date: Date): boolean {
    const { daysOfMonth, lastDay } = this.#times
    return daysOfMonth.includes(date.getUTCDate()) || (lastDay && isNextMonth(date, 1))
  }

  #isDayOfWeek(date: Date): boolean {
    const { weekdays, nthWeekday, lastWeekdays } = this.#times
    const weekday = date.getUTCDay()
    if (lastWeekdays.includes(weekday) && isNextMonth(date, 7)) return true
    const isNth = nthWeekday === 0 || Math.ceil(date.getUTCDate() / 7) === nthWeekday
    return isNth && weekdays.includes(weekday)
  }
}

function isNextMonth(date: Date, days: number): boolean {
  return new Date(date.getTime() + days * DAY_MS).getUTCMonth() !== date.getUTCMonth()
}
