import { InvalidInputError } from '../errors.ts'

/**
 * A time span: a whole number of milliseconds, or a string with a unit, such as `'250ms'`, `'30s'`, `'5m'`, `'2h'` or `'7d'`. A
 * string may have decimals if they amount to whole milliseconds: `'1.5s'`.
 */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Returns the milliseconds of a {@link Duration}.
 *
 * @throws {@link InvalidInputError} if it is not a duration, or not within the bounds
 */
export function checkDuration(field: string, value: unknown, minMs: number, maxMs: number): number {
  const ms = typeof value === 'string' ? parseDuration(value) : value
  if (typeof ms === 'number' && Number.isInteger(ms) && ms >= minMs && ms <= maxMs) return ms
  const expected = `a duration from ${inWords(minMs)} to ${inWords(maxMs)}: '500ms', '30s', '5m', '2h', '7d' or a whole number of milliseconds`
  throw new InvalidInputError(field, value, expected)
}

/** The whole milliseconds that a text says; null when it says none. */
export function parseDuration(text: string): number | null {
  const [, whole, fraction = '', unit] = /^(\d{1,15})(?:\.(\d{1,15}))?(ms|s|m|h|d)$/.exec(text) ?? []
  if (whole === undefined || unit === undefined) return null
  // Not by floating point, in which 1.005 s is not 1005 ms.
  const scaled = BigInt(whole + fraction) * BigInt(UNIT_MS[unit] as number)
  const scale = 10n ** BigInt(fraction.length)
  return scaled % scale === 0n ? Number(scaled / scale) : null
}

const WORDS = [
  ['year', 365 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const

/** A bound as a person would say it: in the largest unit of which it is a whole number. */
function inWords(ms: number): string {
  const [word, unitMs] = WORDS.find(([, unitMs]) => ms >= unitMs && ms % unitMs === 0) ?? ['ms', 1]
  const count = ms / unitMs
  return `${count} ${word}${count === 1 || word === 'ms' ? '' : 's'}`
}
