import { InvalidInputError } from '../../errors.ts'
import type { View } from './view.ts'

const SPANS = { '1h': 'last hour', '6h': 'last 6 hours', '24h': 'last 24 hours' } as const

export type Span = keyof typeof SPANS

/** How far back the charts of a page look, by its address. */
export function spanOf({ query }: View): Span {
  const given = query.get('within') ?? '1h'
  if (given in SPANS) return given as Span
  throw new InvalidInputError('within', given, `one of ${Object.keys(SPANS).join(', ')}`)
}

/** The choice of spans, as links that keep the rest of the address. */
export function SpanChoice({ view, path, span }: { view: View; path: string; span: Span }) {
  const rest = Object.fromEntries(view.query)
  return (
    <nav class="choice" aria-label="Span of the charts">
      {Object.entries(SPANS).map(([value, name]) => (
        <a href={view.href(path, { ...rest, within: value })} aria-current={value === span ? 'true' : undefined}>
          {name}
        </a>
      ))}
    </nav>
  )
}
