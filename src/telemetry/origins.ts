import { InvalidInputError } from '../errors.ts'
import { checkUrl } from '../message/url.ts'

/** Throws {@link InvalidInputError} if it is not a list of origins. */
export function resolveOrigins(field: string, given: readonly string[]): ReadonlySet<string> {
  if (!Array.isArray(given)) {
    throw new InvalidInputError(field, given, "a list of origins such as ['https://api.example.com']")
  }
  return new Set(Array.from(given, (origin: unknown, index) => resolveOrigin(`${field}[${index}]`, origin)))
}

function resolveOrigin(field: string, given: unknown): string {
  const checked = checkUrl(given)
  if (checked.ok) return checked.url.origin
  throw new InvalidInputError(field, given, `an origin such as 'https://api.example.com' (${checked.reason})`)
}
