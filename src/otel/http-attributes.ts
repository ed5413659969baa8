import type { Attributes } from '@opentelemetry/api'
import { HTTP } from './names.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'QUERY']

/** The name of a request's span: that of its method, since a URL would give each its own. */
export function spanName(method: string): string {
  return METHODS.includes(method) ? method : 'HTTP'
}

export function requestAttributes(method: string, url: URL): Attributes {
  return { ...methodAttributes(method), ...urlAttributes(url) }
}

export function methodAttributes(method: string): Attributes {
  if (METHODS.includes(method)) return { [HTTP.method]: method }
  return { [HTTP.method]: '_OTHER', [HTTP.methodOriginal]: method.slice(0, 100) }
}

/** User, password, query and fragment may be secrets. */
function urlAttributes(url: URL): Attributes {
  return {
    [HTTP.url]: plainUrl(url),
    [HTTP.serverAddress]: url.hostname.replace(/^\[|\]$/g, ''),
    [HTTP.serverPort]: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
  }
}

export function plainUrl({ origin, pathname }: URL): string {
  return `${origin}${pathname}`
}
