import type { DashboardAction } from '../options.ts'
import type { Content } from './html.ts'
import { type Query, queryText, type View } from './view.ts'

interface ActionLinkProps {
  view: View
  name: DashboardAction
  /** What it is done to, by the names of the fields of a form: `{ channel }`, `{ schedule }`, or the conditions of a filter. */
  query: Query
  /** Read out, where several links of a page have the same words. */
  label?: string
  children: Content
}

/** A button that leads to the page of an action, which leads back here; nothing for those who may not do it. */
export function ActionLink({ view, name, query, label, children }: ActionLinkProps) {
  if (!view.may(name)) return null
  const form = new URLSearchParams(queryText(query))
  form.set('return', view.here)
  return (
    <a class="button" href={view.href(`/actions/${name}`, form)} aria-label={label}>
      {children}
    </a>
  )
}
