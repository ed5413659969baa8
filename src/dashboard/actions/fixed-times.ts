import { dateOf, parseMoment } from '../../inspect/moment.ts'
import { FILTER_KEYS } from '../pages/filter-query.ts'

const TIME_KEYS: readonly string[] = FILTER_KEYS.filter((key) => /-(?:after|before)$/.test(key))

/**
 * The same form with times such as `2h` (ago) as points in time: what was counted and confirmed is what is done, however long
 * that took. What cannot be read is left, for those to refuse it who read it.
 */
export function withFixedTimes(form: URLSearchParams, nowMs: number): URLSearchParams {
  return new URLSearchParams(
    [...form].map(([key, text]): [string, string] => [key, TIME_KEYS.includes(key) ? fixed(text, nowMs) : text]),
  )
}

function fixed(text: string, nowMs: number): string {
  const moment = parseMoment(text)
  const date = moment && dateOf(moment, nowMs)
  return date === null || Number.isNaN(date.getTime()) ? text : date.toISOString()
}
