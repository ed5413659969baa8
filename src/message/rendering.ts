import { describe, InvalidInputError } from '../errors.ts'
import type { HeaderPairs } from './message.ts'

/**
 * The URL of a request that is made when it is sent is `render://` and the name of its renderer; its body is the
 * arguments as JSON. The database takes that for the origin, so each renderer has lanes of its own.
 */
const SCHEME = 'render://'

const NAME = /^[a-z0-9][a-z0-9._-]{0,99}$/
const A_NAME = "1 to 100 lower-case letters, digits, '.', '_' and '-', with a letter or digit in front"

/** The request that a renderer made, without its secrets: `redactHeaders` hides headers, and query values are removed. */
export interface RenderedRequest {
  method: string
  url: string
  headers: HeaderPairs
  /** Bytes of body; null if there is none. The body itself is not stored. */
  bodySize: number | null
}

/** The name of a renderer. Lower case alone, as the database compares origins. */
export function checkRendererName(field: string, name: unknown): string {
  if (typeof name === 'string' && NAME.test(name)) return name
  throw new InvalidInputError(field, name, A_NAME)
}

/** What is wrong with the name in the URL of a row that is to be rendered; null when it may have a renderer. */
export function problemOfRendererUrl(url: string): string | null {
  const name = rendererNameOf(url)
  return NAME.test(name) ? null : `It names no renderer: ${describe(name)} is not ${A_NAME}.`
}

export function rendererUrl(name: string): string {
  return SCHEME + name
}

/** Whether a request has yet to be made, by the URL of its row. */
export function isToBeRendered(url: unknown): boolean {
  return typeof url === 'string' && url.startsWith(SCHEME)
}

/** The renderer that the URL of a row names, if it names any. */
export function rendererNameOf(url: string): string {
  return url.slice(SCHEME.length)
}
