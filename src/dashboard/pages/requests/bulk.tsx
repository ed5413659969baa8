import { ActionLink } from '../../view/action-button.tsx'
import type { View } from '../../view/view.ts'
import { conditionsOf } from '../filter-query.ts'

/** With the states that each applies to. */
const ACTIONS = [
  ['redrive', 'Redrive', ['failed', 'cancelled']],
  ['cancel', 'Cancel', ['pending', 'claimed']],
] as const

/** What can be done to all that match, each behind a page that says to how many. */
export function AllActions({ view }: { view: View }) {
  const conditions = conditionsOf(view.query)
  return (
    <div class="actions">
      {ACTIONS.map(([action, name, states]) => {
        const target = narrowed(conditions, states)
        return (
          target && (
            <ActionLink view={view} name={action} query={target}>
              {name} all that match…
            </ActionLink>
          )
        )
      })}
    </div>
  )
}

/** The conditions, for an action that applies to some states alone; null if none of these is wanted. */
function narrowed(conditions: URLSearchParams, states: readonly string[]): URLSearchParams | null {
  const wanted = conditions.getAll('state')
  if (wanted.length === 0) return conditions
  const target = new URLSearchParams(
    [...conditions].filter(([key, value]) => key !== 'state' || states.includes(value)),
  )
  return target.has('state') ? target : null
}

/** What can be done to those that are ticked. The script shows how many are, and ticks all. */
export function SelectionActions({ view }: { view: View }) {
  const allowed = ACTIONS.filter(([action]) => view.may(action))
  return (
    <div class="actions selection">
      <span class="faint" data-selected>
        Selected:
      </span>
      {allowed.map(([action, name]) => (
        <button type="submit" formaction={view.href(`/actions/${action}`)}>
          {name}…
        </button>
      ))}
      <input type="hidden" name="return" value={view.here} />
    </div>
  )
}

/** Whether there is anything to tick requests for. */
export function maySelect(view: View): boolean {
  return ACTIONS.some(([action]) => view.may(action))
}
