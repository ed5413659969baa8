import type { Situation } from '../../../inspect/situation.ts'
import type { FoundRequest } from '../../../results/find.ts'
import type { DashboardAction } from '../../options.ts'
import type { Query, View } from '../../view/view.ts'

interface Offer {
  action: DashboardAction
  text: string
  query: Readonly<Record<string, string>>
}

type Asked = Pick<FoundRequest, 'id' | 'state' | 'channel' | 'orderKey' | 'bodiesPruned'>

/** What can be done for the request, what helps it on first. */
export function RequestActions({ view, request, situation }: { view: View; request: Asked; situation: Situation }) {
  const offers = offersFor(request, situation).filter(({ action }) => view.may(action))
  if (offers.length === 0) return null
  const back = { return: view.href(`/requests/${request.id}`) }
  return (
    <p class="actions">
      {offers.map(({ action, text, query }) => (
        <a class="button" href={view.href(`/actions/${action}`, { ...query, ...back } satisfies Query)}>
          {text}…
        </a>
      ))}
    </p>
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
