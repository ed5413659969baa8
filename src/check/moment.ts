import { InvalidInputError } from '../errors.ts'
import { clamp } from '../runtime/clamp.ts'

/** What a `Date` can hold. Postgres reaches further, and to both infinities. */
const FURTHEST_MS = 8.64e15

/** The first and the last moment that both Prisma and a reader of ISO 8601 know: those of the years 1 to 9999. */
export const EARLIEST_MS = Date.parse('0001-01-01T00:00:00.000Z')
export const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z')

/** A moment of the database, in milliseconds since 1970; one that is too far away as the furthest of its side. */
export function toDate(ms: number): Date
export function toDate(ms: number | null): Date | null
export function toDate(ms: number | null): Date | null {
  return ms === null ? null : new Date(clamp(ms, -FURTHEST_MS, FURTHEST_MS))
}

/** @throws {@link InvalidInputError} if the time is out of range */
export function checkMoment(field: string, ms: number): number {
  if (ms >= EARLIEST_MS && ms <= LATEST_MS) return ms
  throw new InvalidInputError(field, Number.isFinite(ms) ? toDate(ms) : ms, 'a time in the years 1 to 9999')
}
