import { checkBoolean, checkInteger, checkKeys, checkObject, checkText } from '../check/check.ts'
import type { EncryptionOptions } from '../encryption/keys.ts'
import { InvalidInputError } from '../errors.ts'
import { LARGEST_BODY_BYTES } from '../message/largest.ts'
import type { BreakerPolicy } from '../policy/breaker.ts'
import { type Retention, type RetentionOptions, resolveRetention } from '../policy/retention.ts'
import type { AttemptDecider } from '../policy/verdict.ts'
import { type BreakerOptions, resolveBreaker } from './breaker.ts'
import { type ChannelOptions, resolveDeciders, signedChannels, type TransportOptions } from './channel.ts'
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

/** Which addresses may be reached. */
export interface NetworkOptions {
  /**
   * What may be reached although it is not a public address on port 80 or 443: a CIDR (`'10.0.0.0/8'`), an address
   * or a host (`'billing.internal'`, `'*.internal'`), each on every port, or an address or host with one port
   * (`'127.0.0.1:8080'`, `'[::1]:8080'`). A CIDR or address speaks of what is connected to, whatever name led there; a
   * host speaks of the name, wherever it leads. This machine's own addresses count as not public. @default []
   */
  allow?: readonly string[]
  /** What may not be reached, in the same forms. It outweighs `allow`. @default [] */
  deny?: readonly string[]
}

/** Options of an instance. Everything has a default; unknown keys are refused. */
export interface RequeuestOptions extends PolicyOptions, TransportOptions {
  /** Largest request body in bytes. A stream is read to this limit. @default 1_048_576 (1 MiB) */
  maxBodyBytes?: number
  /** How many bytes of a response body are kept; the rest is not downloaded. @default 65_536 (64 KiB) */
  maxResponseBytes?: number
  /** Which addresses may be reached. @default public addresses on ports 80 and 443 */
  network?: NetworkOptions
  /**
   * The Postgres schema that the tables are in. Not needed beside the models, whose schema (`@@schema`, or the adapter's
   * `schema`) is found out: one that differs from it is refused with code `schema_mismatch`. @default that of the models
   */
  schema?: string
  /** @default headers and bodies are stored as they are */
  encryption?: EncryptionOptions
  /**
   * Names of headers whose values `find()` hides, besides `authorization`, `proxy-authorization`, `cookie`, `set-cookie`
   * and `x-api-key`. @default []
   */
  redactHeaders?: readonly string[]
  /**
   * Tells workers in other processes of what is spawned outside of a transaction, so that they need not find it, and listens to
   * others that tell (see `listen` of {@link StartOptions}). A spawn with neither id, line nor key of its own tells in its own
   * commit; the others, and {@link Requeuest.spawnMany}, resolve one small statement later. @default true
   */
  notify?: boolean
  /** How long final requests, and bodies, are kept. @default for ever */
  retention?: RetentionOptions
  /**
   * A receiver of which too many requests fail (no answer, a 5xx or 429), or that answers 429 or 503 with `Retry-After`,
   * is sent nothing for a while; its requests wait with their attempts unspent. False: each request goes by its own backoff
   * alone. @default half of at least 20 requests in 10 s
   */
  breaker?: BreakerOptions | false
  /** What differs for channels, by their name. What is left out keeps the instance's value. @default nothing */
  channels?: Readonly<Record<string, ChannelOptions>>
}

/** Options with every value filled in. What is only passed on is read once, when the instance is made. */
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
] as const

/** Fills in the defaults once and for all. Throws {@link InvalidInputError} for what cannot be. */
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
  const { tls, proxy, keepAlive, encryption, retention, schema } = options
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
  })
}

function resolveNames(field: string, names: readonly string[]): readonly string[] {
  if (!Array.isArray(names)) throw new InvalidInputError(field, names, "a list of header names such as ['x-token']")
  return Array.from(names, (name: unknown, index) => checkText(`${field}[${index}]`, name, 200).toLowerCase())
}
