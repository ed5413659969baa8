import { checkKeys, checkObject } from '../check/check.ts'
import { hidden, InvalidInputError } from '../errors.ts'
import { KEY_FORMS, readSigningKey, SIGNATURE_HEADERS, type SigningKey, signatureHeaders } from '../message/signing.ts'
import type { OutgoingRequest } from '../net/outgoing.ts'
import type { ChannelOptions, SigningOptions, SigningRequest } from '../options/instance.ts'
import { errorName } from '../runtime/thrown.ts'

/** Finds the keys for a request. Throws an error with the code that means: it cannot be signed. */
export type KeyChooser = (request: SigningRequest) => Promise<readonly SigningKey[]>

/** The channels whose requests are signed, each with what chooses the keys. */
export type Signing = ReadonlyMap<string, KeyChooser>

/** @throws {@link InvalidInputError} if an option is invalid; the message does not show the value, which may be a key */
export function resolveSigning(channels: Readonly<Record<string, ChannelOptions>> = {}): Signing {
  return new Map(
    Object.entries(channels).flatMap(([channel, { signing }]): [string, KeyChooser][] => {
      return signing === undefined ? [] : [[channel, resolveKeys(`options.channels.${channel}.signing`, signing)]]
    }),
  )
}

function resolveKeys(field: string, signing: SigningOptions): KeyChooser {
  checkObject(field, signing, "an object like { keys: ['whsec_…'] }")
  checkKeys(field, signing, ['keys'])
  const { keys } = signing
  if (typeof keys === 'function') return (request) => chosenKeys(keys, request)
  const read = readKeys(keys)
  if (!read.ok) throw new InvalidInputError(`${field}.keys${read.at}`, hidden(read.value), read.expected)
  return async () => read.keys
}

/** What a function of the user's throws may tell of keys, so only its kind is recorded. */
async function chosenKeys(choose: SigningOptions['keys'] & object, request: SigningRequest) {
  let read: ReadKeys
  try {
    read = readKeys(await (choose as (request: SigningRequest) => unknown)(request))
  } catch (error) {
    throw unsignable(`the function that chooses the keys threw ${errorName(error)}`)
  }
  if (!read.ok) throw unsignable(`of the keys that were chosen, \`keys${read.at}\` is not ${read.expected}`)
  return read.keys
}

type ReadKeys = { ok: true; keys: SigningKey[] } | { ok: false; at: string; value: unknown; expected: string }

function readKeys(given: unknown): ReadKeys {
  const texts: unknown[] = Array.isArray(given) ? Array.from(given) : [given]
  if (texts.length === 0) return { ok: false, at: '', value: given, expected: 'at least one key' }
  const keys: SigningKey[] = []
  for (const [index, value] of texts.entries()) {
    const key = readSigningKey(value)
    if (!key) return { ok: false, at: Array.isArray(given) ? `[${index}]` : '', value, expected: KEY_FORMS }
    keys.push(key)
  }
  return { ok: true, keys }
}

/** The request with its signature, as of now by the system's clock: receivers compare the time with theirs. */
export function withSignature(request: OutgoingRequest, id: string, keys: readonly SigningKey[]): OutgoingRequest {
  const others = request.headers.filter(([name]) => !SIGNATURE_HEADERS.includes(name.toLowerCase()))
  const signature = signatureHeaders(keys, id, Math.floor(Date.now() / 1000), request.body)
  return { ...request, headers: [...others, ...signature] }
}

/** It cannot be signed. */
export function unsignable(reason: string): Error {
  return Object.assign(new Error(reason), { code: 'ERR_REQUEUEST_SIGNING' })
}
