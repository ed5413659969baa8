import type { Dispatcher } from 'undici/index.js'
import { portOf } from '../message/url.ts'
import type { DispatcherLike } from '../options/dispatcher.ts'
import { refusedUnresolved } from './guard/by-url.ts'
import type { NetworkRules } from './guard/rules.ts'
import { ResponseHead } from './response-head.ts'
import { ResponseHeaders } from './response-headers.ts'
import type { TracedOptions } from './traced-client.ts'

type Handler = Dispatcher.DispatchHandler
type Controller = Dispatcher.DispatchController
type RawHeaders = Controller['rawHeaders']

/** What the user has chosen to send with, for all channels. It makes its own connections, and is closed by its owner. */
export class GivenDispatcher {
  readonly #given: DispatcherLike
  readonly #rules: NetworkRules

  constructor(given: DispatcherLike, rules: NetworkRules) {
    this.#given = given
    this.#rules = rules
  }

  of(): this {
    return this
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Handler): boolean {
    const { protocol, hostname, port } = new URL(String(options.origin))
    // A URL has an IPv6 address in brackets.
    const host = hostname.replace(/^\[|\]$/g, '')
    const refused = refusedUnresolved(this.#rules, host, portOf({ protocol, port }))
    if (refused) throw refused
    const headers = new ResponseHeaders()
    ;(options as TracedOptions).peer = { remoteAddress: null, headers, head: new ResponseHead() }
    return this.#given.dispatch(options, new BothHandler(handler))
  }

  async destroy(): Promise<void> {}
}

/** A handler by both sets of names: undici 8 knows the newer ones alone, a mock pool of undici 7 the older ones alone. */
class BothHandler implements Handler {
  readonly #handler: Handler

  constructor(handler: Handler) {
    this.#handler = handler
  }

  onConnect(abort: (error?: Error) => void): void {
    this.#handler.onConnect?.(abort)
  }

  onHeaders(status: number, rawHeaders: RawHeaders, resume: () => void, statusText: string): boolean {
    return this.#handler.onHeaders?.(status, bytesOf(rawHeaders), resume, statusText) ?? true
  }

  onData(chunk: Buffer): boolean {
    return this.#handler.onData?.(chunk) ?? true
  }

  onComplete(): void {
    this.#handler.onComplete?.([])
  }

  onError(error: Error): void {
    this.#handler.onError?.(error)
  }

  onRequestStart(controller: Controller): void {
    this.onConnect((reason) => controller.abort(reason as Error))
  }

  onResponseStart(
    controller: Controller,
    status: number,
    headers: Exclude<RawHeaders, unknown[] | null | undefined>,
    statusText = '',
  ): void {
    this.onHeaders(status, controller.rawHeaders ?? headers, () => controller.resume(), statusText)
  }

  onResponseData(_: Controller, chunk: Buffer): void {
    this.onData(chunk)
  }

  onResponseEnd(): void {
    this.onComplete()
  }

  onResponseError(_: Controller, error: Error): void {
    this.onError(error)
  }
}

/** Each name followed by its value. */
function bytesOf(headers: RawHeaders): Buffer[] {
  const flat = Array.isArray(headers) ? headers : Object.entries(headers ?? {}).flatMap(linesOf)
  return flat.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part))
}

function linesOf([name, value]: [string, string | string[] | undefined]): string[] {
  return [value ?? []].flat().flatMap((one) => [name, one])
}
