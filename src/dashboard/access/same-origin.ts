/** What a browser says of where a request comes from, and where it goes. */
export interface Provenance {
  host: string
  origin: string | null
  fetchSite: string | null
}

export function provenanceOf({ url, headers }: Request): Provenance {
  return {
    // HTTP/2 has it in the address alone.
    host: headers.get('host') ?? new URL(url).host,
    origin: headers.get('origin'),
    fetchSite: headers.get('sec-fetch-site'),
  }
}

/**
 * Whether the request is for a host under which the dashboard is reached. A foreign page whose name resolves to this server
 * sends its own name as host (DNS rebinding).
 *
 * @param origins - null for any
 */
export function isForThisHost({ host }: Pick<Provenance, 'host'>, origins: readonly string[] | null): boolean {
  return origins === null || origins.some((origin) => isHostOf(origin, host))
}

/**
 * Whether a page of the dashboard itself sent the request, so that no foreign page makes a visitor's browser act. Browsers say
 * so by `Sec-Fetch-Site` on https and on localhost, and by `Origin` everywhere; what says neither is no browser's form.
 *
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
 */
export function isFromThisPage({ host, origin, fetchSite }: Provenance, origins: readonly string[] | null): boolean {
  if (fetchSite !== null && fetchSite !== 'same-origin') return false
  if (origin === null) return fetchSite === 'same-origin'
  if (origins !== null) return origins.includes(origin)
  return fetchSite === 'same-origin' || isHostOf(origin, host)
}

/** Whether a `Host` header names the origin's host: in any case, and with the port even where it goes without saying. */
function isHostOf(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false
  const { protocol, origin: wanted } = new URL(origin)
  const named = `${protocol}//${host}`
  return URL.canParse(named) && new URL(named).href === `${wanted}/`
}
