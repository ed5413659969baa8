import type { DashboardAction } from '../options.ts'
import type { Content } from './html.ts'
import type { Query, View } from './view.ts'

interface ActionLinkProps {
  view: View
  name: DashboardAction
  /** What it is done to. */
  query: Query
  children: Content
}

/** A button that leads to the page on which an action is confirmed; nothing for those who may not. */
export function ActionLink({ view, name, query, children }: ActionLinkProps) {
  if (!view.may(name)) return null
  return (
    <a class="button" href={view.href(`/actions/${name}`, query)}>
      {children}
    </a>
  )
}
