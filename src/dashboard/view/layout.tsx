import { raw } from 'hono/html'
import type { Content, Html } from './html.ts'
import type { View } from './view.ts'

const PLACES = [
  ['/', 'Overview'],
  ['/requests', 'Requests'],
  ['/failures', 'Failures'],
  ['/receivers', 'Receivers'],
  ['/channels', 'Channels'],
  ['/lines', 'Lines'],
  ['/schedules', 'Schedules'],
  ['/workers', 'Workers'],
] as const

interface LayoutProps {
  view: View
  /** Of the page, below the dashboard: `/requests`. */
  path: string
  title: string
  nonce: string
  assets: { script: string; styles: string }
  children: Content
}

/** A whole page. */
export function Layout({ view, path, title, nonce, assets, children }: LayoutProps) {
  return (
    <>
      {raw('<!doctype html>')}
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>{`${title} · Requeuest`}</title>
          <link rel="icon" href={ICON} />
          <link rel="stylesheet" href={view.href(assets.styles)} nonce={nonce} />
          <script type="module" src={view.href(assets.script)} nonce={nonce} />
        </head>
        <body data-refresh={String(view.options.refreshMs)}>
          <a class="skip" href="#main">
            Skip to the content
          </a>
          <header>
            <a class="brand" href={view.href('/')}>
              Requeuest
            </a>
            <nav aria-label="Pages">
              {PLACES.map(([to, name]) => (
                <a href={view.href(to)} aria-current={isWithin(path, to) ? 'page' : undefined}>
                  {name}
                </a>
              ))}
            </nav>
            <span id="stale" role="status" />
            <button type="button" id="live" aria-pressed="true" hidden>
              Live
            </button>
          </header>
          <Main title={title}>{children}</Main>
        </body>
      </html>
    </>
  )
}

/** The part of a page that is asked for again and again. */
export function Main({ title, children }: { title: string; children: Content }): Html {
  return (
    <main id="main" tabindex={-1}>
      <h1>{title}</h1>
      {children}
    </main>
  )
}

function isWithin(path: string, place: string): boolean {
  return path === place || (place !== '/' && path.startsWith(`${place}/`))
}

const ICON =
  'data:image/svg+xml,' +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#2f6feb"/><path d="M4 8h7M8 5l3 3-3 3" stroke="#fff" stroke-width="1.8" fill="none" stroke-linecap="round" stroke-linejoin="round"/></svg>',
  )
