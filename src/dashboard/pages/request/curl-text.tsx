import { isToBeRendered } from '../../../message/rendering.ts'
import type { FoundRequest } from '../../../results/find.ts'
import { textOf } from './content.ts'
import { curlOf } from './curl.ts'

/** The request as a command, to be copied. What a renderer makes is not known before it is sent. */
export function Curl({ request, bodySize }: { request: FoundRequest; bodySize: number | null }) {
  const { method, url, headers, body } = request
  if (isToBeRendered(url)) return null
  const text = body && textOf(body)
  const hasOtherBody = bodySize !== null && bodySize > 0 && text === null
  return (
    <details class="curl">
      <summary>As curl</summary>
      <pre class="card" id="curl" tabindex={0}>
        {curlOf({ method, url, headers, body: text, hasOtherBody })}
      </pre>
      <p class="actions">
        <button type="button" data-copy="curl" hidden>
          Copy
        </button>
        <span class="faint">
          Hidden values are variables of the shell{hasOtherBody && ', and the body is the file `body`'}.
        </span>
      </p>
    </details>
  )
}
