import fc from 'fast-check'
import { Cron } from '../../src/cron/cron.ts'
import { type Shown, scan, showClock } from './cron-scan.ts'

const MINUTE_MS = 60_000
const DAY_MINUTES = 1440

/** A window of clock time to look at minute by minute. */
export interface Window {
  zone: string
  fromMs: number
  clock: Shown[]
}

/**
 * Zones and days around changes of their clocks: whole hours and half ones, at midnight, on a Friday, over the date line, back
 * for one month of the year, and none at all.
 */
const CHANGES: Record<string, string[]> = {
  UTC: ['2026-03-29'],
  'Europe/Berlin': ['2026-03-29', '2026-10-25'],
  'Europe/London': ['2025-03-30', '2025-10-26'],
  'Europe/Dublin': ['2024-03-31', '2024-10-27'],
  'America/New_York': ['2026-03-08', '2026-11-01'],
  'America/Los_Angeles': ['2024-03-10', '2024-11-03'],
  'America/St_Johns': ['2026-03-08', '2026-11-01'],
  'America/Sao_Paulo': ['2018-11-04', '2019-02-17'],
  'America/Havana': ['2026-03-08', '2026-11-01'],
  'America/Santiago': ['2025-04-06', '2025-09-07'],
  'America/Asuncion': ['2023-10-01', '2024-03-24'],
  'Africa/Cairo': ['2025-04-25', '2025-10-31'],
  'Africa/Casablanca': ['2026-02-15', '2026-03-22'],
  'Asia/Beirut': ['2026-03-29', '2026-10-25'],
  'Asia/Tehran': ['2022-03-22', '2022-09-22'],
  'Asia/Kolkata': ['2026-03-29'],
  'Australia/Lord_Howe': ['2026-04-05', '2026-10-04'],
  'Australia/Sydney': ['2026-04-05', '2026-10-04'],
  'Pacific/Apia': ['2011-09-24', '2011-12-30'],
  'Antarctica/Troll': ['2026-03-29', '2026-10-25'],
}

/** From a day and a half before the day of each change to two after it. */
export function windows(): Window[] {
  return Object.entries(CHANGES).flatMap(([zone, days]) =>
    days.map((day) => windowOf(zone, Date.parse(`${day}T00:00Z`) - 1.5 * DAY_MINUTES * MINUTE_MS, 3.5)),
  )
}

/** For each zone the year, and a bit more, from half a year before its first change. */
export function* years(): Generator<Window> {
  for (const [zone, [day]] of Object.entries(CHANGES)) {
    yield windowOf(zone, Date.parse(`${day}T00:00Z`) - 182 * DAY_MINUTES * MINUTE_MS, 370)
  }
}

function windowOf(zone: string, fromMs: number, days: number): Window {
  return { zone, fromMs, clock: showClock(zone, fromMs, days * DAY_MINUTES) }
}

/** What is wrong with how an expression fires in a window, or null. */
export function compare(expression: string, { zone, fromMs, clock }: Window): string | null {
  const cron = new Cron(expression, zone)
  const untilMs = fromMs + (clock.length - 1) * MINUTE_MS
  let at = cron.next(fromMs - 1)
  for (const index of scan(expression, clock)) {
    const expected = fromMs + index * MINUTE_MS
    if (at !== expected) return `${expression} in ${zone}: ${iso(at)} instead of ${iso(expected)}`
    at = cron.next(at)
  }
  return at > untilMs ? null : `${expression} in ${zone}: ${iso(at)} is not for it`
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

/** A field: mostly what people write. */
function field(min: number, max: number, names: readonly string[] = []): fc.Arbitrary<string> {
  const value = fc.integer({ min, max })
  const written = value.map((one) => names[one - min] ?? String(one))
  const range = fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`)
  const step = fc.integer({ min: 1, max: max - min })
  const item = fc.oneof(
    { arbitrary: fc.constant('*'), weight: 3 },
    { arbitrary: written, weight: 4 },
    { arbitrary: step.map((one) => `*/${one}`), weight: 2 },
    { arbitrary: range, weight: 2 },
    { arbitrary: fc.tuple(range, step).map(([one, two]) => `${one}/${two}`), weight: 1 },
    { arbitrary: fc.tuple(value, step).map(([one, two]) => `${one}/${two}`), weight: 1 },
  )
  // The items of most lists overlap.
  const list = fc.array(item, { minLength: 2, maxLength: 5 }).map((items) => items.join(','))
  return fc.oneof({ arbitrary: item, weight: 12 }, { arbitrary: list, weight: 3 })
}

const MONTHS = ['jan', 'FEB', 'mar', 'apr', 'May', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'MON', 'tue', 'wed', 'Thu', 'fri', 'sat', '7']

// Days and months are mostly free: what never fires in a window tells nothing.
const days = { arbitrary: fc.constant('*'), weight: 6 }
const weekday = fc.integer({ min: 0, max: 7 })

export const expressions: fc.Arbitrary<string> = fc
  .tuple(
    field(0, 59),
    // Most changes come in the night.
    fc.oneof(field(0, 23), field(0, 3)),
    fc.oneof(days, { arbitrary: field(1, 31), weight: 3 }, { arbitrary: fc.constant('L'), weight: 1 }),
    fc.oneof(days, { arbitrary: field(1, 12, MONTHS), weight: 1 }),
    fc.oneof(
      days,
      { arbitrary: field(0, 7, DAYS), weight: 3 },
      { arbitrary: fc.tuple(weekday, fc.integer({ min: 1, max: 5 })).map(([day, nth]) => `${day}#${nth}`), weight: 1 },
      { arbitrary: weekday.map((day) => `${day}L`), weight: 1 },
    ),
  )
  .map((fields) => fields.join(' '))
  .filter(canFire)

function canFire(expression: string): boolean {
  try {
    new Cron(expression, 'UTC')
    return true
  } catch {
    return false
  }
}
