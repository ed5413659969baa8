import { checkKeys, checkObject, checkText } from '../check/check.ts'
import { hidden, InvalidInputError } from '../errors.ts'
import type { HeadersInput } from '../message/input.ts'
import type { HeaderPairs } from '../message/message.ts'
import { checkUrl } from '../message/url.ts'
import { errorName } from '../runtime/thrown.ts'
import type { RequestRenderer } from './renderer.ts'
import { requestToken } from './token-endpoint.ts'
import { type TokenSource, Tokens, unauthorized } from './tokens.ts'

/** Where a token may be sent. */
interface Destinations {
  /**
   * The origins (scheme, host and port) that may get the token, such as `'https://crm.example.com'`. A request to any other
   * is not sent, so that whoever spawns cannot direct the token elsewhere.
   */
  origins: string | readonly string[]
}

/** Options of {@link bearer}: a bearer token (RFC 6750) that you provide. */
export interface BearerOptions extends Destinations {
  /** Returns the token. It is kept in memory until a receiver answers 401. */
  token: () => string | Promise<string>
}

/** Options of {@link oauth2ClientCredentials}: the OAuth 2.0 client credentials grant (RFC 6749 section 4.4). */
export interface ClientCredentialsOptions extends Destinations {
  /** The token endpoint, an absolute http or https URL. The network rules apply to it. */
  tokenUrl: string | URL
  clientId: string
  clientSecret: string
  /** Scopes to request, separated by spaces. @default none: the server decides */
  scope?: string
}

/** A request as arguments of a renderer, limited to what JSON can express. */
export interface RequestArgs {
  /** @default 'GET' */
  method?: string
  url: string
  headers?: HeadersInput
  body?: string
  json?: unknown
}

/** A renderer that adds a token to its requests. */
export class AuthorizedRenderer<Args, Tx> {
  /** Makes the request; without it the arguments are the request. */
  readonly render: RequestRenderer<Args, Tx> | undefined
  readonly tokens: Tokens
  readonly #origins: readonly string[]

  constructor(render: RequestRenderer<Args, Tx> | undefined, origins: readonly string[], source: TokenSource) {
    this.render = render
    this.tokens = new Tokens(source)
    this.#origins = origins
  }

  /** Throws if the origin of the URL may not get the token. */
  checkDestination(url: string): void {
    const { origin } = new URL(url)
    if (!this.#origins.includes(origin)) throw unauthorized(`${origin} is not among the origins that may get the token`)
  }
}

/**
 * Returns a renderer that adds a bearer token to the requests that `render` makes, or that are spawned as `args`. If the receiver
 * answers 401, the token is dropped and the request is retried at once with a new one.
 *
 * @throws {@link InvalidInputError} if an option is invalid
 */
export function bearer(options: BearerOptions): AuthorizedRenderer<RequestArgs, unknown>
export function bearer<Args, Tx>(
  options: BearerOptions,
  render: RequestRenderer<Args, Tx>,
): AuthorizedRenderer<Args, Tx>
export function bearer<Args, Tx>(
  options: BearerOptions,
  render?: RequestRenderer<Args, Tx>,
): AuthorizedRenderer<Args, Tx> {
  checkObject('options', options)
  checkKeys('options', options, ['origins', 'token'])
  const { token } = options
  if (typeof token !== 'function')
    throw new InvalidInputError('options.token', hidden(token), 'a function that returns the token')
  const source = async () => ({ value: await provided(token), lifeMs: null })
  return new AuthorizedRenderer(checkRender(render), readOrigins(options.origins), source)
}

/**
 * As {@link bearer}, with tokens from an OAuth 2.0 token endpoint. A token is kept in memory until shortly before it expires;
 * concurrent requests share one call to the endpoint.
 *
 * @throws {@link InvalidInputError} if an option is invalid
 */
export function oauth2ClientCredentials(options: ClientCredentialsOptions): AuthorizedRenderer<RequestArgs, unknown>
export function oauth2ClientCredentials<Args, Tx>(
  options: ClientCredentialsOptions,
  render: RequestRenderer<Args, Tx>,
): AuthorizedRenderer<Args, Tx>
export function oauth2ClientCredentials<Args, Tx>(
  options: ClientCredentialsOptions,
  render?: RequestRenderer<Args, Tx>,
): AuthorizedRenderer<Args, Tx> {
  checkObject('options', options)
  checkKeys('options', options, ['origins', 'tokenUrl', 'clientId', 'clientSecret', 'scope'])
  const { scope } = options
  const target = checkUrl(options.tokenUrl instanceof URL ? options.tokenUrl.href : options.tokenUrl)
  if (!target.ok) {
    const expected = `an absolute http or https URL (${target.reason})`
    throw new InvalidInputError('options.tokenUrl', hidden(options.tokenUrl), expected)
  }
  const credentials = {
    url: target.url,
    clientId: checkText('options.clientId', options.clientId, 1000),
    clientSecret: checkSecret('options.clientSecret', options.clientSecret),
    scope: scope === undefined ? undefined : checkText('options.scope', scope, 1000),
  }
  return new AuthorizedRenderer(checkRender(render), readOrigins(options.origins), (reach) =>
    requestToken(reach, credentials),
  )
}

/** The headers with the token in place of any other credentials. */
export function withToken(headers: HeaderPairs, token: string): HeaderPairs {
  return [...headers.filter(([name]) => name.toLowerCase() !== 'authorization'), ['authorization', `Bearer ${token}`]]
}

/** The error of the user's function may contain a token, so only its name is recorded. */
async function provided(token: BearerOptions['token']): Promise<string> {
  try {
    return await token()
  } catch (error) {
    throw unauthorized(`the function that gets the token threw ${errorName(error)}`)
  }
}

function checkSecret(field: string, secret: unknown): string {
  if (typeof secret === 'string' && secret !== '') return secret
  throw new InvalidInputError(field, hidden(secret), 'a text that is not empty')
}

function checkRender<R>(render: R): R {
  if (render === undefined || typeof render === 'function') return render
  throw new InvalidInputError('render', hidden(render), 'a function that makes a request, or omitted')
}

function readOrigins(given: unknown): string[] {
  const texts: unknown[] = Array.isArray(given) ? Array.from(given) : [given]
  const expected = "an origin or a list of them, such as 'https://crm.example.com'"
  if (texts.length === 0) throw new InvalidInputError('options.origins', given, expected)
  return texts.map((text, index) => {
    const field = Array.isArray(given) ? `options.origins[${index}]` : 'options.origins'
    const checked = checkUrl(text)
    if (!checked.ok || checked.url.href !== `${checked.url.origin}/`) throw new InvalidInputError(field, text, expected)
    return checked.url.origin
  })
}
