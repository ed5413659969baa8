import { checkBoolean, checkInteger, checkKeys, checkObject, checkText } from '../check/check.ts'
import type { EncryptionOptions } from '../encryption/keys.ts'
import { InvalidInputError } from '../errors.ts'
import { LARGEST_BODY_BYTES } from '../message/largest.ts'
import type { BreakerPolicy } from '../policy/breaker.ts'
import { type Retention, type RetentionOptions, resolveRetention } from '../policy/retention.ts'
import type { AttemptDecider } from '../policy/verdict.ts'
import { type BreakerOptions, resolveBreaker } from './breaker.ts'
import { type ChannelOptions, resolveDeciders, signedChannels, type TransportOptions } from './channel.ts'
import { checkDispatcher, type DispatcherLike } from './dispatcher.ts'
import { checkLogger, type LoggerLike } from './logger.ts'
import { DEFAULT_POLICY, POLICY_KEYS, type PolicyOptions, type ResolvedPolicy, resolvePolicy } from './policy.ts'

export {
  CHANNEL_KEYS,
  type ChannelOptions,
  type SigningKeys,
  type SigningOptions,
  type SigningRequest,
  type TlsOptions,
  type TransportOptions,
} from './channel.ts'
export {
  POLICY_KEYS,
  type PolicyOptions,
  type ResolvedPolicy,
  resolvePolicy,
} from './policy.ts'

/** Which addresses requests may reach. */
export interface NetworkOptions {
  /**
   * Allows more than public addresses on ports 80 and 443: a CIDR (`'10.0.0.0/8'`), an address or a host
   * (`'billing.internal'`, `'*.internal'`), each on every port, or an address or host with one port (`'127.0.0.1:8080'`,
   * `'[::1]:8080'`). A CIDR or address matches the address that is connected to, whatever its name; a host matches the name,
   * whatever it resolves to. This machine's own addresses are not public. @default []
   */
  allow?: readonly string[]
  /** Denies addresses, in the same forms. Overrides `allow`. @default [] */
  deny?: readonly string[]
}

/** Options of an instance. All have a default; unknown keys are refused. */
export interface RequeuestOptions extends PolicyOptions, TransportOptions {
  /** Maximum size of a request body in bytes. A stream is read up to this limit. @default 1_048_576 (1 MiB) */
  maxBodyBytes?: number
  /** How many bytes of a response body are stored; the rest is not downloaded. @default 65_536 (64 KiB) */
  maxResponseBytes?: number
  /** Which addresses requests may reach. @default public addresses on ports 80 and 443 */
  network?: NetworkOptions
  /**
   * The Postgres schema of the tables. Not needed for a client with the models, whose schema (`@@schema`, or the adapter's
   * `schema`) is detected: a different one is refused with code `schema_mismatch`. @default that of the models
   */
  schema?: string
  /** Encrypts headers and bodies in the database. @default they are stored as they are */
  encryption?: EncryptionOptions
  /**
   * Names of headers whose values `find()` hides, in addition to `authorization`, `proxy-authorization`, `cookie`, `set-cookie`
   * and `x-api-key`. @default []
   */
  redactHeaders?: readonly string[]
  /**
   * Notifies workers in other processes of requests that are spawned outside of a transaction, so that they need not poll for
   * them, and makes `listen` of {@link StartOptions} default to `'auto'`. A spawn without an id, a line and a key notifies with its
   * own commit; other spawns, and {@link Requeuest.spawnMany}, take one small statement more. @default true
   */
  notify?: boolean
  /** How long final requests, and bodies, are kept. @default forever */
  retention?: RetentionOptions
  /**
   * Circuit breaker: pauses an origin if too many of its requests fail (no response, a 5xx or 429), or if it answers 429 or 503
   * with `Retry-After`. Its requests wait and spend no attempts. False: only the backoff of each request applies.
   * @default opens if half of at least 20 requests in 10 s fail
   */
  breaker?: BreakerOptions | false
  /**
   * Sends with your own undici dispatcher, such as a `MockAgent` in tests. It makes its own connections, so `tls`, `proxy` and
   * `keepAlive` do not apply, and `network` judges the URL alone, not the address that is connected to. `stop()` does not close it.
   * @default connections of the instance's own
   */
  dispatcher?: DispatcherLike
  /**
   * Writes one line for each event that an operator should know of: `failed`, `rescued`, `claimLost`, `originPaused`,
   * `breakerOpened`, `breakerClosed`, `warning` and `error`; never one for each request. No line has a header, a body or a value of a
   * URL's query. It counts as a listener of `error` and `warning`. @default none
   */
  logger?: LoggerLike
  /** Options of channels, by name. Omitted options keep the instance's value. @default {} */
  channels?: Readonly<Record<string, ChannelOptions>>
}

/** Options with every value filled in. Those that are only passed on are read once, by the constructor. */
export interface ResolvedOptions {
  readonly policy: ResolvedPolicy
  readonly maxBodyBytes: number
  readonly maxResponseBytes: number
  readonly network: NetworkOptions
  readonly schema: string | undefined
  readonly transport: TransportOptions
  readonly channels: Readonly<Record<string, ChannelOptions>>
  readonly signed: ReadonlySet<string>
  readonly deciders: ReadonlyMap<string, AttemptDecider>
  readonly encryption: EncryptionOptions | undefined
  readonly redactHeaders: readonly string[]
  readonly notify: boolean
  readonly retention: Retention
  /** Null for none. */
  readonly breaker: BreakerPolicy | null
  readonly dispatcher: DispatcherLike | undefined
  readonly logger: LoggerLike | undefined
}

const TRANSPORT_KEYS = ['tls', 'proxy', 'keepAlive'] as const
const OPTION_KEYS = [
  ...POLICY_KEYS,
  ...TRANSPORT_KEYS,
  'maxBodyBytes',
  'maxResponseBytes',
  'network',
  'schema',
  'channels',
  'encryption',
  'redactHeaders',
  'notify',
  'retention',
  'breaker',
  'dispatcher',
  'logger',
] as const

/** Fills in the defaults. Throws {@link InvalidInputError} if an option is invalid. */
export function resolveOptions(options: RequeuestOptions = {}): ResolvedOptions {
  checkObject('options', options)
  checkKeys('options', options, OPTION_KEYS)
  const {
    maxBodyBytes = 1_048_576,
    maxResponseBytes = 65_536,
    network = {},
    channels = {},
    redactHeaders = [],
    notify = true,
    breaker = {},
  } = options
  const { tls, proxy, keepAlive, encryption, retention, schema, dispatcher, logger } = options
  // What the entries must be is for net/ to say.
  checkObject('options.network', network)
  checkKeys('options.network', network, ['allow', 'deny'])
  checkObject('options.channels', channels, 'an object such as { billing: { tls: { ca } } }')
  return Object.freeze({
    policy: resolvePolicy(options, DEFAULT_POLICY),
    maxBodyBytes: checkInteger('options.maxBodyBytes', maxBodyBytes, 0, LARGEST_BODY_BYTES),
    maxResponseBytes: checkInteger('options.maxResponseBytes', maxResponseBytes, 0, 104_857_600),
    network,
    schema: schema === undefined ? undefined : checkText('options.schema', schema, 63),
    transport: {
      ...(tls !== undefined && { tls }),
      ...(proxy !== undefined && { proxy }),
      ...(keepAlive !== undefined && { keepAlive }),
    },
    channels,
    signed: signedChannels(channels),
    deciders: resolveDeciders(channels),
    encryption,
    redactHeaders: resolveNames('options.redactHeaders', redactHeaders),
    notify: checkBoolean('options.notify', notify),
    retention: resolveRetention(retention),
    breaker: resolveBreaker(breaker),
    dispatcher: dispatcher === undefined ? undefined : checkDispatcher('options.dispatcher', dispatcher),
    logger: logger === undefined ? undefined : checkLogger('options.logger', logger),
  })
}

function resolveNames(field: string, names: readonly string[]): readonly string[] {
  if (!Array.isArray(names)) throw new InvalidInputError(field, names, "a list of header names such as ['x-token']")
  return Array.from(names, (name: unknown, index) => checkText(`${field}[${index}]`, name, 200).toLowerCase())
}
