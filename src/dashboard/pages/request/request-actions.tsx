import type { Situation } from '../../../inspect/situation.ts'
import type { FoundRequest } from '../../../results/find.ts'
import type { DashboardAction } from '../../options.ts'
import { ActionLink } from '../../view/action-button.tsx'
import type { View } from '../../view/view.ts'

interface Offer {
  action: DashboardAction
  text: string
  query: Readonly<Record<string, string>>
}

type Asked = Pick<FoundRequest, 'id' | 'state' | 'channel' | 'orderKey' | 'bodiesPruned'>

/** What can be done for the request, what helps it on first. */
export function RequestActions({ view, request, situation }: { view: View; request: Asked; situation: Situation }) {
  return (
    <div class="actions">
      {offersFor(request, situation).map(({ action, text, query }) => (
        <ActionLink view={view} name={action} query={query}>
          {text}…
        </ActionLink>
      ))}
    </div>
  )
}

function offersFor({ id, state, channel, orderKey, bodiesPruned }: Asked, situation: Situation): Offer[] {
  const isOver = state === 'failed' || state === 'cancelled'
  const isLive = state === 'pending' || state === 'claimed'
  const isHeld = orderKey !== null && situation.heldBy !== null && state !== 'delivered'
  const offer = (is: unknown, action: DashboardAction, text: string, query: Offer['query']) =>
    is ? [{ action, text, query }] : []
  return [
    ...offer(isHeld, 'release', 'Release its line', { channel, key: orderKey ?? '' }),
    ...offer(isLive && situation.channel.pausedAt, 'resume', 'Resume its channel', { channel }),
    ...offer(isLive && situation.receiver.pausedAt, 'resume', 'Resume its receiver', { origin: situation.origin }),
    ...offer(isOver && !bodiesPruned, 'redrive', 'Redrive', { id }),
    ...offer(state !== 'delivered' && !bodiesPruned, 'retarget', 'Send it elsewhere', { id }),
    ...offer(state === 'pending', 'reschedule', 'Reschedule', { id }),
    ...offer(isLive, 'cancel', 'Cancel', { id }),
  ]
}
