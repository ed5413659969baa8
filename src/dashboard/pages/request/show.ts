import type { FoundBodies } from '../../../results/find.ts'
import type { View } from '../../view/view.ts'

/** Whose body the address asks for: `show=request` or `show=attempt-3`. */
export type Wanted = 'request' | { attempt: number } | null

export function wantedOf({ query }: Pick<View, 'query'>): Wanted {
  const show = query.get('show')
  if (show === 'request') return show
  const [, number] = /^attempt-([1-9]\d{0,8})$/.exec(show ?? '') ?? []
  return number ? { attempt: Number(number) } : null
}

/** What of it is read, if bodies may be seen at all. */
export function bodiesToRead(wanted: Wanted, bodies: View['options']['bodies']): FoundBodies {
  return bodies === 'hidden' || wanted === null ? 'none' : wanted
}
