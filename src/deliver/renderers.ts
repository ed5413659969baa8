import { hidden, InvalidInputError } from '../errors.ts'
import type { HttpRequestInput } from '../message/input.ts'
import { normalise } from '../message/normalise.ts'
import { checkRendererName, isToBeRendered, rendererNameOf } from '../message/rendering.ts'
import { type PrismaClientLike, type PrismaTransactionLike, readInTransaction } from '../store/db.ts'
import { clientOf } from '../store/transactions.ts'
import { AuthorizedRenderer, withToken } from './auth.ts'
import { type Render, type Rendering, renderFailed } from './rendered.ts'
import type { RendererInput, RequestRenderer } from './renderer.ts'
import type { Reach } from './tokens.ts'

/** A renderer holds a connection of the pool meanwhile. */
const LONGEST_RENDERING_MS = 10_000

/** The renderers of one instance, by their names. */
export class Renderers {
  readonly #db: PrismaClientLike
  readonly #maxBodyBytes: number
  readonly #byName = new Map<string, RequestRenderer<unknown> | AuthorizedRenderer<unknown, PrismaTransactionLike>>()

  constructor(db: PrismaClientLike, maxBodyBytes: number) {
    this.#db = db
    this.#maxBodyBytes = maxBodyBytes
  }

  add(name: string, renderer: RequestRenderer<never, never> | AuthorizedRenderer<never, never>): void {
    checkRendererName('name', name)
    if (typeof renderer !== 'function' && !(renderer instanceof AuthorizedRenderer)) {
      throw new InvalidInputError(
        'render',
        hidden(renderer),
        'a function, or what bearer() or oauth2ClientCredentials() returns',
      )
    }
    if (this.#byName.has(name)) throw new InvalidInputError('name', name, 'a name that has no renderer yet')
    this.#byName.set(name, renderer as RequestRenderer<unknown>)
  }

  readonly render: Render = ({ id, channel, url, body }, reach) => {
    const renderer = this.#byName.get(rendererNameOf(url))
    if (!renderer) return null
    if (!(renderer instanceof AuthorizedRenderer)) return this.#make(renderer, { id, channel }, body)
    return this.#authorize(renderer, { id, channel }, body, reach)
  }

  /** Gets the token after the connection to the database has been returned. */
  async #authorize(
    renderer: AuthorizedRenderer<unknown, PrismaTransactionLike>,
    request: RendererInput<unknown>['request'],
    body: Uint8Array | null,
    reach: Reach,
  ): Promise<Rendering> {
    const made = await this.#make(renderer.render, request, body)
    renderer.checkDestination(made.url)
    const token = await renderer.tokens.get(reach)
    const answered = (status: number) => renderer.tokens.answered(request.id, token, status)
    return { ...made, headers: withToken(made.headers, token), answered }
  }

  /** Without a function the arguments are the request. */
  async #make(
    renderer: RequestRenderer<unknown> | undefined,
    request: RendererInput<unknown>['request'],
    body: Uint8Array | null,
  ): Promise<Rendering> {
    try {
      const args: unknown = body === null ? null : JSON.parse(new TextDecoder().decode(body))
      const work = async (tx: PrismaTransactionLike) => renderer?.({ tx: clientOf(tx), args, request: { ...request } })
      const input = renderer ? await readInTransaction(this.#db, work, LONGEST_RENDERING_MS) : args
      const made = await normalise(renderer ? 'rendered' : 'args', input as HttpRequestInput, this.#maxBodyBytes)
      if (isToBeRendered(made.url))
        throw new InvalidInputError('rendered', hidden(made), 'a complete request, not the name of another renderer')
      return made
    } catch (cause) {
      throw renderFailed(cause)
    }
  }
}
