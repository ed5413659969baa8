import type { View } from '../../view/view.ts'
import { conditionsOf } from '../filter-query.ts'
import { fieldOf } from './fields.ts'

const MOST_SHOWN = 60

/** The conditions that apply, each with a link that takes it away. */
export function Chips({ view }: { view: View }) {
  const conditions = [...conditionsOf(view.query)]
  if (conditions.length === 0) return null
  return (
    <ul class="chips" aria-label="Conditions">
      {conditions.map(([key, value], index) => {
        const name = `${fieldOf(key)?.label}: ${value === '' ? 'of the whole channel' : value}`
        const others = conditions.filter((_, other) => other !== index)
        return (
          <li>
            <a class="chip" href={view.href('/requests', new URLSearchParams(others))} aria-label={`Remove ${name}`}>
              <bdi>{name.length > MOST_SHOWN ? `${name.slice(0, MOST_SHOWN)}…` : name}</bdi>{' '}
              <span aria-hidden="true">×</span>
            </a>
          </li>
        )
      })}
      {conditions.length > 1 && (
        <li>
          <a class="chip plain" href={view.href('/requests')}>
            Remove all
          </a>
        </li>
      )}
    </ul>
  )
}
