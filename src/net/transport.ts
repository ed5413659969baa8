import { X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContext } from 'node:tls'
import { checkBoolean, checkKeys, checkObject } from '../check/check.ts'
import { hidden, InvalidInputError, reasonOf } from '../errors.ts'
import { CHANNEL_KEYS, type ChannelOptions, type TlsOptions, type TransportOptions } from '../options/instance.ts'

/** How to connect. Requests that share a transport share its connections. */
export interface Transport {
  /** Null for what Node trusts and shows. */
  readonly secureContext: SecureContext | null
  readonly proxy: HttpProxy | null
  /** Whether a connection is used for more than one request. */
  readonly keepAlive: boolean
}

/** Whom to ask for tunnels. */
export interface HttpProxy {
  readonly origin: string
  /** The value of `Proxy-Authorization`. */
  readonly authorization: string | null
}

/** The transport of each channel. */
export interface Transports {
  of(channel: string): Transport
}

/** @throws {@link InvalidInputError} if an option is invalid; the message does not show the value, which may be a key */
export function resolveTransports(
  options: TransportOptions = {},
  channels: Readonly<Record<string, ChannelOptions>> = {},
): Transports {
  const common = resolveTransport('options', options, { secureContext: null, proxy: null, keepAlive: true })
  const own = new Map(
    Object.entries(channels).map(([channel, of]) => {
      const field = `options.channels.${channel}`
      checkObject(field, of)
      checkKeys(field, of, CHANNEL_KEYS)
      return [channel, resolveTransport(field, of, common)]
    }),
  )
  return { of: (channel) => own.get(channel) ?? common }
}

function resolveTransport(field: string, { tls, proxy, keepAlive }: TransportOptions, base: Transport): Transport {
  return {
    secureContext: tls === undefined ? base.secureContext : readTls(`${field}.tls`, tls),
    proxy: proxy === undefined ? base.proxy : readProxy(`${field}.proxy`, proxy),
    keepAlive: keepAlive === undefined ? base.keepAlive : checkBoolean(`${field}.keepAlive`, keepAlive),
  }
}

function readTls(field: string, tls: TlsOptions): SecureContext {
  if (typeof tls !== 'object' || tls === null) throw new InvalidInputError(field, hidden(tls), 'an object like { ca }')
  checkKeys(field, tls, ['ca', 'cert', 'key', 'passphrase'])
  if (tls.ca !== undefined) checkAuthorities(`${field}.ca`, tls.ca)
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    throw new InvalidInputError(field, hidden(tls), '`cert` and `key` together, or neither')
  }
  try {
    return createSecureContext(tls as Parameters<typeof createSecureContext>[0])
  } catch (cause) {
    const expected = `a certificate chain and the private key of its first certificate, as PEM (${reasonOf(cause)})`
    throw new InvalidInputError(field, hidden(tls), expected, { cause })
  }
}

/** OpenSSL passes over what it cannot read, and the trust that was meant would silently be missing. */
function checkAuthorities(field: string, ca: unknown): void {
  const given: unknown[] = Array.isArray(ca) ? ca : [ca]
  for (const pem of given) {
    const isPem = typeof pem === 'string' || pem instanceof Uint8Array
    const text = isPem ? Buffer.from(pem as string).toString('latin1') : ''
    const certificates = text.match(/-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs) ?? []
    if (certificates.length === 0 || !certificates.every(isCertificate)) {
      throw new InvalidInputError(field, hidden(pem), 'certificates as PEM, in a text, in bytes or in a list of them')
    }
  }
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem) !== undefined
  } catch {
    return false
  }
}

function readProxy(field: string, proxy: string | URL | null): HttpProxy | null {
  if (proxy === null) return null
  const text = proxy instanceof URL ? proxy.href : proxy
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : null
  const credentials = url && basicCredentials(url)
  if (!url || credentials === undefined || !isProxyUrl(url)) {
    throw new InvalidInputError(field, hidden(proxy), "the http or https URL of a proxy, such as 'http://proxy:3128'")
  }
  return { origin: url.origin, authorization: credentials }
}

function isProxyUrl({ protocol, pathname, search, hash }: URL): boolean {
  return ['http:', 'https:'].includes(protocol) && pathname === '/' && search === '' && hash === ''
}

/** As RFC 7617 spells them; null when there are none, undefined when they cannot be read. */
function basicCredentials({ username, password }: URL): string | null | undefined {
  if (username === '' && password === '') return null
  try {
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    return `Basic ${Buffer.from(pair).toString('base64')}`
  } catch {
    return undefined
  }
}
