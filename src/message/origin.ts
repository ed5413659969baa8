import { memoized } from '../runtime/memoize.ts'
import { isToBeRendered } from './rendering.ts'

/** As long as the database keeps it. */
const LONGEST = 300

/** The origin of what has no receiver, since its URL cannot be read. */
export const NO_ORIGIN = 'none'

/** Scheme, host and port of a URL that was checked, or a renderer's URL. */
export function originOf(url: string): string {
  const end = url.indexOf('/', url.indexOf('://') + 3)
  return url.slice(0, end < 0 ? LONGEST : Math.min(end, LONGEST))
}

/**
 * The origin of the URL of a row, which may be written in any way: pauses, limits and breakers go by this form alone. Where
 * the row names it already, as those do that the library wrote, that is found out without reading the URL.
 *
 * @param named - what the row says; '' when nobody has looked yet
 */
export function originOfRow(url: string, named: string): string {
  return isNormal(named) && url.startsWith(named) && isEnd(url[named.length]) ? named : readOrigin(url)
}

const isNormal = memoized((origin) => readOrigin(`${origin}/`) === origin)

/** Whether the host cannot go on behind this character. */
function isEnd(next: string | undefined): boolean {
  return next === undefined || next === '/' || next === '?' || next === '#'
}

export function readOrigin(url: string): string {
  if (isToBeRendered(url)) return originOf(url)
  const read = URL.canParse(url) ? new URL(url) : undefined
  return read && /^https?:$/.test(read.protocol) ? read.origin.slice(0, LONGEST) : NO_ORIGIN
}
