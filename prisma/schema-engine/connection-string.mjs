import { readFileSync } from 'node:fs'
import { invalidConnectionString } from './errors.mjs'

const DEFAULT_PORT = 5432
const DEFAULT_CONNECT_TIMEOUT_SECONDS = 5

/**
 * Reads a connection string the way Prisma does, which is not the way of libpq: `schema`, `sslaccept` and the
 * time limits are Prisma's own, certificates are only checked when asked for, and TLS is used when offered.
 */
export function parseConnectionString(connectionString) {
  const url = parseUrl(connectionString)
  const params = url.searchParams
  return {
    host: params.get('host') ?? unbracketed(decode(url.hostname || 'localhost')),
    port: Number(params.get('port') ?? (url.port || DEFAULT_PORT)),
    user: decode(url.username),
    password: decode(url.password),
    database: decode(url.pathname.slice(1)) || 'postgres',
    schema: params.get('schema') || 'public',
    tls: tlsMode(params),
    tlsOptions: tlsOptions(params),
    connectTimeoutMs: seconds(params.get('connect_timeout') ?? DEFAULT_CONNECT_TIMEOUT_SECONDS),
    statementTimeoutMs: seconds(params.get('socket_timeout') ?? 0),
    startupOptions: params.get('options') ?? undefined,
    applicationName: params.get('application_name') ?? undefined,
  }
}

function parseUrl(connectionString) {
  const url = URL.canParse(connectionString) ? new URL(connectionString) : undefined
  if (url?.protocol !== 'postgresql:' && url?.protocol !== 'postgres:') {
    throw invalidConnectionString('It must be a URL that starts with `postgresql://` or `postgres://`.')
  }
  return url
}

function decode(part) {
  try {
    return decodeURIComponent(part)
  } catch {
    throw invalidConnectionString('It has a percent sign that is not part of a percent-encoded character.')
  }
}

function unbracketed(host) {
  return host.replace(/^\[(.*)\]$/, '$1')
}

function seconds(value) {
  return Number(value) * 1000 || 0
}

function tlsMode(params) {
  const mode = params.get('sslmode')
  if (mode === 'disable') return 'disable'
  return mode === 'require' || mode?.startsWith('verify-') ? 'require' : 'prefer'
}

function tlsOptions(params) {
  const strict = params.get('sslaccept') === 'strict' || params.get('sslmode')?.startsWith('verify-')
  return {
    rejectUnauthorized: strict === true,
    ca: contents(params.get('sslcert')),
    pfx: contents(params.get('sslidentity')),
    passphrase: params.get('sslpassword') ?? undefined,
  }
}

function contents(file) {
  return file ? readFileSync(file) : undefined
}
