import leven from 'leven'
import { hidden, InvalidInputError } from '../errors.ts'
import { LATEST_MS } from './moment.ts'
import { RENAMED_KEYS } from './renamed-keys.ts'

/** Refuses keys that nobody reads, and names the one that was probably meant. */
export function checkKeys(field: string, value: object, known: readonly string[]): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue
    const near = meant(key, known)
    const hint = near ? `did you mean \`${near}\`?` : `it knows ${known.map((name) => `\`${name}\``).join(', ')}`
    const shown = JSON.stringify(key.length > 80 ? `${key.slice(0, 80)}…` : key).slice(1, -1)
    throw new InvalidInputError(
      `${field}.${shown}`,
      hidden(value[key as keyof typeof value]),
      `omitted: ${field} has no such key; ${hint}`,
    )
  }
}

/** A known key, or the path below one, that was probably meant: also by a name that it has elsewhere. */
function meant(key: string, known: readonly string[]): string | undefined {
  const renamed = Object.keys(RENAMED_KEYS).filter((name) => known.includes(newName(name).split('.')[0] as string))
  const near = nearest(key, [...known, ...renamed])
  return near === undefined || known.includes(near) ? near : newName(near)
}

const newName = (name: string) => RENAMED_KEYS[name] as string

const MOST_LETTERS_AWAY = 2

/** The name that is at most two letters away, if more than that of it is left. */
export function nearest(key: string, known: readonly string[]): string | undefined {
  // Comparing takes as long as both are long, and what was given may be a megabyte.
  const similar = known.filter((name) => Math.abs(name.length - key.length) <= MOST_LETTERS_AWAY)
  const candidates = similar.map((name) => ({ name, distance: leven(name.toLowerCase(), key.toLowerCase()) }))
  return candidates
    .filter(({ name, distance }) => distance <= MOST_LETTERS_AWAY && distance < Math.min(name.length, key.length))
    .sort((one, other) => one.distance - other.distance)[0]?.name
}

export function checkObject(field: string, value: unknown, expected = 'an object'): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidInputError(field, value, expected)
}

/** @param also - what may be given besides, for the message */
export function checkInteger(field: string, value: unknown, min: number, max: number, also = ''): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
  throw new InvalidInputError(field, value, `a whole number from ${min} to ${max}${also}`)
}

export function checkBoolean(field: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new InvalidInputError(field, value, 'true or false')
}

export function checkFunction<F>(field: string, value: F): F {
  if (typeof value === 'function') return value
  throw new InvalidInputError(field, hidden(value), 'a function')
}

export function checkSignal(field: string, value: unknown): AbortSignal {
  if (value instanceof AbortSignal) return value
  throw new InvalidInputError(field, value, 'an AbortSignal')
}

export function checkOneOf<T extends string>(field: string, value: unknown, choices: readonly T[]): T {
  if (choices.includes(value as T)) return value as T
  throw new InvalidInputError(field, value, `one of ${choices.map((choice) => `'${choice}'`).join(', ')}`)
}

/** A text that Postgres can hold and a person can read: no NUL, no lone surrogates, of limited length. */
export function checkText(field: string, value: unknown, maxLength: number): string {
  const fits = typeof value === 'string' && value.length > 0 && value.length <= maxLength
  if (fits && !value.includes('\0') && value.isWellFormed()) return value
  const expected = `a text of 1 to ${maxLength} characters without NUL or half a surrogate pair`
  throw new InvalidInputError(field, value, expected)
}

/**
 * The text that Postgres makes of a `uuid`, in any case; returned in its own, the lower. RFC 9562 knows few versions and
 * variants, but rows that are written by hand may have any.
 */
export function checkUuid(field: string, value: unknown, expected = 'a UUID, as spawn() returned it'): string {
  if (typeof value === 'string' && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value)) return value.toLowerCase()
  throw new InvalidInputError(field, value, expected)
}

/** A moment that Prisma can read back, in milliseconds since 1970. */
export function checkDate(field: string, value: unknown): number {
  if (value instanceof Date && value.getTime() >= 0 && value.getTime() <= LATEST_MS) return value.getTime()
  throw new InvalidInputError(field, value, 'a valid Date in the years 1970 to 9999')
}
