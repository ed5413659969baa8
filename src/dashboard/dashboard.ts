import { contextOf } from '../instance/controls.ts'
import type { Requeuest } from '../requeuest.ts'
import { createApp } from './app.tsx'
import { type NodeHandler, toNodeHandler } from './node.ts'
import { type DashboardOptions, resolveDashboardOptions } from './options.ts'

/**
 * A dashboard: a function of the web's standard `Request` and `Response`, for Hono, Next.js, Deno, Bun and others.
 *
 * @param native - what `access` and `user` get besides the request, such as the framework's own request
 */
export interface Dashboard {
  (request: Request, native?: unknown): Promise<Response>
  /** The same for Node's http, Connect, Express and Fastify. */
  toNode(): NodeHandler
  /** The same for a route of Next.js: `export const { GET, POST } = dashboard.route`. */
  readonly route: {
    GET(request: Request): Promise<Response>
    POST(request: Request): Promise<Response>
  }
}

/**
 * Makes a dashboard, on which people see what is in the queue, and act on it as far as `access` allows. It needs no `start()`, and
 * costs workers nothing: pages ask the database, each in bounded time whatever the queue's size.
 *
 * @throws {@link InvalidInputError} if an option is invalid, or `access` is missing
 */
export function createDashboard(requeuest: Requeuest, options: DashboardOptions): Dashboard {
  const parts = contextOf(requeuest)
  const resolved = resolveDashboardOptions(options)
  const app = createApp({ requeuest, parts, options: resolved })
  const handle = async (request: Request, native?: unknown) => app.fetch(request, { native })
  const route = { GET: (request: Request) => handle(request), POST: (request: Request) => handle(request) }
  return Object.assign(handle, { toNode: () => toNodeHandler(handle, resolved.basePath), route })
}
