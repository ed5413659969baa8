import type { HeaderPairs } from '../../../message/message.ts'
import { Note } from '../../view/badge.tsx'
import { sizeText } from '../../view/format.ts'
import type { Content } from '../../view/html.ts'
import type { View } from '../../view/view.ts'
import { shownBody } from './content.ts'

interface MessageProps {
  view: View
  id: string
  title: string
  /** Why neither headers nor body can be shown. */
  problem: string | undefined
  headers: HeaderPairs
  /** Null where nothing is to be said of it. */
  body: BodyProps['body'] | null
  children?: Content
}

/** A request or a response: its headers, without secrets, and its body if it is asked for. */
export function Message({ view, id, title, problem, headers, body, children }: MessageProps) {
  return (
    <section id={id} class="message" aria-label={title}>
      <h2>{title}</h2>
      {problem !== undefined && <Note tone="warn">{problem}</Note>}
      {headers.length > 0 && (
        <dl class="facts headers">
          {headers.map(([name, value]) => (
            <>
              <dt>{name}</dt>
              <dd class={value === '(hidden)' ? 'none' : undefined}>{value}</dd>
            </>
          ))}
        </dl>
      )}
      {problem === undefined && body !== null && <Body view={view} body={body} />}
      {children}
    </section>
  )
}

interface BodyProps {
  view: View
  body: {
    /** Null if it was not asked for. */
    bytes: Uint8Array | null
    /** Of the whole body; null if there is none. */
    size: number | null
    isPruned: boolean
    /** Whether less was stored than came. */
    isTruncated: boolean
    /** Where it is shown. */
    href: string
  }
}

function Body({ view, body: { bytes, size, isPruned, isTruncated, href } }: BodyProps) {
  if (isPruned) return <p class="faint">The body has been deleted by retention.</p>
  if (size === null || size === 0) return <p class="faint">No body.</p>
  if (view.options.bodies === 'hidden')
    return <p class="faint">A body of {sizeText(size)}. This dashboard shows no bodies.</p>
  if (bytes === null) {
    return (
      <p>
        <a class="button" href={href}>
          Show the body
        </a>{' '}
        <span class="faint">{sizeText(size)}</span>
      </p>
    )
  }
  const { kind, text, isPart } = shownBody(bytes)
  const stored = isTruncated ? `, of which ${sizeText(bytes.length)} are stored` : ''
  return (
    <>
      <p class="faint">
        {kind}, {sizeText(size)}
        {stored}
        {isPart && '. Only the beginning is shown'}
      </p>
      <pre class="card" tabindex={0}>
        {text}
      </pre>
    </>
  )
}
