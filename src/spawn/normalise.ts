import { checkKeys, checkObject } from '../core/check.ts'
import type { HeaderPairs, NewRequest } from '../core/request.ts'
import { InvalidInputError, redactUrl, secret } from '../errors.ts'
import { checkHeaders } from '../net/headers.ts'
import { checkMethod, methodForbidsBody } from '../net/method.ts'
import { checkUrl } from '../net/url.ts'
import { type ReadBody, readBody, readJson } from './body.ts'
import type { HttpRequestInput, HttpRequestParts } from './input.ts'

type Content = Pick<NewRequest, 'method' | 'url' | 'headers' | 'body'>

/** Turns any form of request into what is stored. What cannot be sent is refused here. */
export async function normalise(field: string, input: HttpRequestInput, maxBodyBytes: number): Promise<Content> {
  if (typeof input === 'string' || input instanceof URL)
    return { ...head(field, 'GET', input), headers: [], body: null }
  if (input instanceof Request) {
    const { method, url, headers, body } = input
    return withBody(
      field,
      head(field, method, url),
      [...headers],
      body && (await readBody(`${field}.body`, body, maxBodyBytes)),
    )
  }
  checkObject(field, input, 'a URL, a Request or an object such as { method, url, headers, body }')
  checkKeys(field, input, ['method', 'url', 'headers', 'body', 'json'])
  const { method = 'GET', url, headers = [] } = input
  const line = head(field, method, url)
  return withBody(field, line, readHeaders(`${field}.headers`, headers), await readContent(field, input, maxBodyBytes))
}

function head(field: string, method: string, url: string | URL): Pick<Content, 'method' | 'url'> {
  const checkedUrl = checkUrl(url instanceof URL ? url.href : url)
  if (!checkedUrl.ok)
    throw new InvalidInputError(`${field}.url`, url, `an absolute http or https URL (${checkedUrl.reason})`)
  const checkedMethod = checkMethod(method)
  if (!checkedMethod.ok)
    throw new InvalidInputError(`${field}.method`, method, `an HTTP method (${checkedMethod.reason})`)
  checkedUrl.url.hash = ''
  return { method: checkedMethod.method, url: checkedUrl.url.href }
}

async function readContent(
  field: string,
  { body, json }: HttpRequestParts,
  maxBytes: number,
): Promise<ReadBody | null> {
  if (json === undefined) return body == null ? null : readBody(`${field}.body`, body, maxBytes)
  if (body != null) throw new InvalidInputError(`${field}.json`, secret, 'left out when `body` is given')
  return readJson(`${field}.json`, json, maxBytes)
}

function withBody(
  field: string,
  line: Pick<Content, 'method' | 'url'>,
  headers: HeaderPairs,
  body: ReadBody | null,
): Content {
  if (body !== null && methodForbidsBody(line.method)) {
    throw new InvalidInputError(`${field}.body`, body.bytes, `left out: ${line.method} has none`)
  }
  const hasType = headers.some(([name]) => name.toLowerCase() === 'content-type')
  const pairs: HeaderPairs = body?.contentType && !hasType ? [...headers, ['content-type', body.contentType]] : headers
  const problem = checkHeaders(pairs)
  if (problem) throw headerError(field, problem.index, problem.name, problem.problem)
  return { ...line, headers: pairs, body: body?.bytes ?? null }
}

function headerError(field: string, index: number, name: string, problem: string): InvalidInputError {
  if (index < 0) return new InvalidInputError(`${field}.headers`, secret, `sendable: ${problem}`)
  return new InvalidInputError(`${field}.headers[${index}]`, redactUrl(name), `a header that can be sent: ${problem}`)
}

function readHeaders(field: string, headers: unknown): HeaderPairs {
  if (typeof headers !== 'object' || headers === null)
    throw new InvalidInputError(field, headers, 'pairs, an object or Headers')
  const entries: unknown[] = Symbol.iterator in headers ? [...(headers as Iterable<unknown>)] : Object.entries(headers)
  return entries.flatMap((entry, index) => {
    if (!Array.isArray(entry) || entry.length !== 2)
      throw new InvalidInputError(`${field}[${index}]`, secret, 'a pair [name, value]')
    const [name, value] = entry as [string, unknown]
    const values = Array.isArray(value) ? value : [value]
    return values.map((one): [string, string] => [name, one as string])
  })
}
