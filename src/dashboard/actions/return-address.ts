import { isBelow } from '../base-path.ts'
import type { View } from '../view/view.ts'

/** What an action adds to the address that it goes back to. */
export const NOTE_KEYS = ['done', 'changed', 'others'] as const

/** Only tells whether an address stays on its host. */
const HERE = 'http://dashboard.invalid'

/** The address to go back to: of a page of the dashboard, whatever the form says. */
export function returnAddress(given: string | null, { options, href }: View): string {
  const url = given !== null && URL.canParse(given, HERE) ? new URL(given, HERE) : undefined
  const path = url?.pathname ?? ''
  const { basePath } = options
  // `//host` is an address elsewhere, and `/.//host` is read as that.
  const isOurs = url?.origin === HERE && !path.startsWith('//') && isBelow(basePath, path)
  return url !== undefined && isOurs ? `${path}${withoutNote(url.searchParams)}` : href('/')
}

/** The address of a page without what an action has added to it. */
export function withoutNote(query: URLSearchParams): string {
  const rest = new URLSearchParams(query)
  for (const key of NOTE_KEYS) rest.delete(key)
  return rest.size > 0 ? `?${rest}` : ''
}

/** The same address, with what the page there tells of the action. */
export function withNote(address: string, note: Readonly<Record<(typeof NOTE_KEYS)[number], string | number>>): string {
  const query = new URLSearchParams(NOTE_KEYS.map((key): [string, string] => [key, String(note[key])]))
  return `${address}${address.includes('?') ? '&' : '?'}${query}`
}
