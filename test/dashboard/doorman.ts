/** What `access` was asked with. */
export interface Seen {
  url: string
  method: string
  cookie: string | null
  isNative: boolean
  isAborted: boolean
}

/**
 * Lets in whoever says so, and remembers who came last: what the contract's dashboards have as their `access`. Imports nothing, as
 * it is copied into the projects of test/consumers.
 */
export class Doorman {
  seen: Seen | undefined
  readonly #isNative: (native: unknown) => boolean

  /** @param isNative - whether it is what the framework has as its request */
  constructor(isNative: (native: unknown) => boolean) {
    this.#isNative = isNative
  }

  readonly access = async ({ url, method, headers, signal }: Request, native: unknown) => {
    const seen = { url, method, cookie: headers.get('cookie'), isNative: this.#isNative(native), isAborted: false }
    this.seen = seen
    switch (headers.get('x-visitor')) {
      case 'nobody':
        return false
      case 'reader':
        return 'read'
      case 'forgotten':
        return undefined as unknown as false
      case 'unlucky':
        throw new Error('the session store does not know a-secret')
      case 'gone':
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
        seen.isAborted = true
        return false
      default:
        return 'full'
    }
  }
}
