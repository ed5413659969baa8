import type { Context } from '../../instance/context.ts'
import type { Requeuest } from '../../requeuest.ts'
import type { DashboardAction, ResolvedDashboardOptions } from '../options.ts'
import type { Html } from './html.ts'

/** What of an address a link changes or sets: undefined takes a condition away. */
export type Query = URLSearchParams | Readonly<Record<string, string | readonly string[] | undefined>>

/** What a page is made from: the instance, the address, and what the visitor may do. */
export interface View {
  requeuest: Requeuest
  parts: Context
  options: ResolvedDashboardOptions
  /** From the address, behind the question mark. */
  query: URLSearchParams
  /** From the path: `{ id }` of `/requests/:id`. */
  params: Readonly<Record<string, string>>
  /** The address of this page: what an action comes back to. */
  here: string
  /** The address of a page of the dashboard. */
  href: (path: string, query?: Query) => string
  may: (action: DashboardAction) => boolean
}

/** What a page shows. */
export interface Shown {
  title: string
  content: Html
  /** @default 200 */
  status?: 200 | 400 | 403 | 404 | 500 | 503
}

export interface Page {
  /** As Hono has it: `/requests/:id`. */
  path: string
  show: (view: View) => Promise<Shown>
}

/** @returns `key=value&…` with a question mark before it, if there is anything */
export function queryText(query: Query): string {
  const entries =
    query instanceof URLSearchParams
      ? [...query]
      : Object.entries(query).flatMap(([key, value]) => [value ?? []].flat().map((one): [string, string] => [key, one]))
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries)}`
}
