import { createDashboard, type DashboardOptions } from '../../src/dashboard/index.ts'
import type { Requeuest } from '../../src/index.ts'

/** A page as a visitor gets it. */
export interface Visited {
  status: number
  html: string
  /** What can be read, with all markup taken out and entities put back. */
  text: string
  headers: Headers
}

/** A visitor of the dashboard of an instance, who may do everything unless told otherwise. */
export function visitor(requeuest: Requeuest, options: Partial<DashboardOptions> = {}) {
  const dashboard = createDashboard(requeuest, { access: () => 'full', ...options })
  return async (path: string, init: RequestInit = {}): Promise<Visited> => {
    const response = await dashboard(new Request(new URL(path, 'http://localhost'), init))
    const html = await response.text()
    return { status: response.status, headers: response.headers, html, text: readable(html) }
  }
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }

function readable(html: string): string {
  const body = html.slice(html.indexOf('<main'))
  const words = body
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name] ?? '')
  return words.replaceAll(/\s+/g, ' ').trim()
}
