import { checkKeys, checkObject } from '../check/check.ts'
import { requestRow, type Vault } from '../encryption/vault.ts'
import { InvalidInputError } from '../errors.ts'
import type { HeadersInput } from '../message/input.ts'
import type { HeaderPairs } from '../message/message.ts'
import { normaliseHeaders, normaliseUrl } from '../message/normalise.ts'
import type { ChangeResult } from '../options/control.ts'
import { checkId } from '../options/spawn.ts'
import { inTransactionOfCaller } from '../store/caller.ts'
import { retargetRequest, selectContent } from '../store/control.ts'
import type { Database } from '../store/database.ts'
import type { PrismaTransactionLike } from '../store/db.ts'

/** New target of a request from its next attempt on. At least one is required; an omitted one stays as it is. */
export interface RetargetInput {
  /** An absolute http or https URL without user and password. */
  url?: string | URL
  /** Replaces all headers. The content type of the body stays unless a new one is given. */
  headers?: HeadersInput
}

/** Sends an undelivered request elsewhere from its next attempt on. */
export async function retarget(
  db: Database,
  vault: Vault,
  id: string,
  target: RetargetInput,
  tx: PrismaTransactionLike | undefined,
): Promise<ChangeResult> {
  const name = checkId(id)
  const { url, headers } = resolveTarget(target)
  const found = await inTransactionOfCaller(db, tx, (into) => change(into, vault, name, url, headers))
  if (found?.isToBeRendered) {
    throw new InvalidInputError(
      'id',
      name,
      'the id of a request with a URL: a renderer makes this one, so change the renderer',
    )
  }
  return found ? { changed: found.changed, state: found.state } : { changed: false, state: null }
}

/** Returns what was found; undefined if there is no such request. */
async function change(
  db: PrismaTransactionLike,
  vault: Vault,
  id: string,
  url: string | null,
  headers: HeaderPairs | null,
) {
  for (;;) {
    const before = headers && (await selectContent(db, id))[0]
    if (before === undefined) return undefined
    const content = headers && before && { before, after: withHeaders(vault, id, before, headers) }
    const [found] = await retargetRequest(db, id, url, content)
    // Otherwise somebody has changed the content since it was read, or deleted the request.
    if (found || content === null) return found
  }
}

function resolveTarget(target: RetargetInput): { url: string | null; headers: HeaderPairs | null } {
  checkObject('target', target, 'an object such as { url }')
  checkKeys('target', target, ['url', 'headers'])
  const { url, headers } = target
  if (url === undefined && headers === undefined) {
    throw new InvalidInputError('target', target, 'an object with `url` or `headers`, or both')
  }
  return {
    url: url === undefined ? null : normaliseUrl('target', url),
    headers: headers === undefined ? null : normaliseHeaders('target', headers),
  }
}

/** The same content with other headers. An encrypted row has one key for all, so its body is encrypted anew as well. */
function withHeaders(vault: Vault, id: string, before: Parameters<Vault['open']>[1], headers: HeaderPairs) {
  const row = requestRow(id)
  const { headers: old, body } = vault.open(row, before)
  const isType = ([name]: readonly unknown[]) => typeof name === 'string' && name.toLowerCase() === 'content-type'
  // A row that was written by hand may hold anything.
  const type =
    Array.isArray(old) && !headers.some(isType) ? old.filter((pair) => Array.isArray(pair) && isType(pair)) : []
  return vault.seal(row, { headers: [...headers, ...type], body })
}
