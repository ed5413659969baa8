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
  const target = conditionsOf(view.query)
  const states = target.getAll('state')
  const applies = (to: readonly string[]) => states.length === 0 || states.some((state) => to.includes(state))
  return (
    <div class="actions">
      {ACTIONS.filter(([_action, _name, to]) => applies(to)).map(([action, name]) => (
        <ActionLink view={view} name={action} query={target}>
          {name} all that match…
        </ActionLink>
      ))}
    </div>
  )
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
      <input type="hidden" name="return" value={here(view)} />
    </div>
  )
}

/** Whether there is anything to tick requests for. */
export function maySelect(view: View): boolean {
  return ACTIONS.some(([action]) => view.may(action))
}

function here(view: View): string {
  return view.href('/requests', view.query)
}
