import { createDashboard, type DashboardOptions } from '../../src/dashboard/index.ts'
import type { Requeuest } from '../../src/index.ts'

const HOST = 'http://127.0.0.1:3000'
/** What a browser says when a page of the dashboard itself sends a form. */
export const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin', origin: HOST }

type Fields = Readonly<Record<string, string | readonly string[]>>

/** A browser at a dashboard, which may do everything unless the options say otherwise. */
export function browse(requeuest: Requeuest, options: Partial<DashboardOptions> = {}) {
  const dashboard = createDashboard(requeuest, { access: () => 'full', ...options })
  const headers = { host: new URL(HOST).host }
  return {
    get: (address: string) => dashboard(new Request(`${HOST}${address}`, { headers })),
    post: (
      address: string,
      fields: Fields,
      more: Readonly<Record<string, string>> = SAME_ORIGIN,
      signal?: AbortSignal,
    ) =>
      dashboard(
        new Request(`${HOST}${address}`, {
          method: 'POST',
          headers: { ...headers, ...more },
          body: new URLSearchParams(pairs(fields)),
          ...(signal && { signal }),
        }),
      ),
  }
}

/** The hidden fields and the values of the inputs of a page's form, as a browser would send them. */
export function fieldsOf(html: string): Record<string, string[]> {
  const fields: Record<string, string[]> = {}
  for (const [tag] of html.matchAll(/<input[^>]*>/g)) {
    const name = attribute(tag, 'name')
    if (name !== undefined) fields[name] = [...(fields[name] ?? []), attribute(tag, 'value') ?? '']
  }
  return fields
}

function pairs(fields: Fields): [string, string][] {
  return Object.entries(fields).flatMap(([key, value]) => [value].flat().map((one): [string, string] => [key, one]))
}

function attribute(tag: string, name: string): string | undefined {
  return new RegExp(` ${name}="([^"]*)"`)
    .exec(tag)?.[1]
    ?.replace(/&(amp|quot|lt|gt|#39);/g, (_, entity) => ENTITIES[entity] ?? '')
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', quot: '"', lt: '<', gt: '>', '#39': "'" }
