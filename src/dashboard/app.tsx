import { type Context as Call, Hono } from 'hono'
import type { Context } from '../instance/context.ts'
import type { Requeuest } from '../requeuest.ts'
import { door, type Env } from './access/door.ts'
import { DoneNote } from './actions/done-note.tsx'
import { withoutNote } from './actions/return-address.ts'
import { doAction, showAction } from './actions/routes.tsx'
import { below, isBelow } from './base-path.ts'
import { script, styles } from './embedded-assets.ts'
import type { ResolvedDashboardOptions } from './options.ts'
import { PAGES } from './pages/all.ts'
import { report } from './report.ts'
import { assetHeaders, assetPaths } from './view/assets.ts'
import { Layout, Main } from './view/layout.tsx'
import { NOT_FOUND, NOT_FOUND_AT_ROOT, outside, problemOf } from './view/problem.tsx'
import { queryText, type Shown, type View } from './view/view.ts'

interface Parts {
  requeuest: Requeuest
  parts: Context
  options: ResolvedDashboardOptions
}

/** What a page's script asks with for `<main>` alone. */
const PART_HEADER = 'x-requeuest-part'
const ASSETS = assetPaths(script, styles)

/** The routes of a dashboard. Each is behind the same door. */
export function createApp({ requeuest, parts, options }: Parts): Hono<Env> {
  const all = new Hono<Env>({ strict: false })
  all.use(door(options, parts))
  const app = all.basePath(options.basePath)

  const viewOf = (call: Call<Env>): View => {
    const { pathname, searchParams } = new URL(call.req.url)
    return {
      requeuest,
      parts,
      options,
      query: searchParams,
      params: call.req.param(),
      here: `${pathname}${withoutNote(searchParams)}`,
      href: (path, query = {}) => `${below(options.basePath, path)}${queryText(query)}`,
      may: (action) => call.get('allowed').has(action),
    }
  }
  const respond = async (call: Call<Env>, { title, content: shown, status = 200 }: Shown) => {
    const content = (
      <>
        <DoneNote query={viewOf(call).query} />
        {shown}
      </>
    )
    const main = <Main title={title}>{content}</Main>
    if (call.req.header(PART_HEADER) !== undefined) return call.html(await main, status)
    const path = call.req.path.slice(options.basePath.length) || '/'
    return call.html(
      await (
        <Layout view={viewOf(call)} path={path} title={title} nonce={call.get('nonce')} assets={ASSETS}>
          {content}
        </Layout>
      ),
      status,
    )
  }

  for (const page of PAGES) app.get(page.path, async (call) => respond(call, await page.show(viewOf(call))))
  app.get('/actions/:name', async (call) => respond(call, await showAction(viewOf(call))))
  app.post('/actions/:name', async (call) => {
    const done = await doAction(viewOf(call), { request: call.req.raw, native: call.env.native })
    return done instanceof Response ? done : respond(call, done)
  })
  app.get(ASSETS.script, (call) => call.body(script, 200, assetHeaders('text/javascript')))
  app.get(ASSETS.styles, (call) => call.body(styles, 200, assetHeaders('text/css')))
  app.notFound((call) => {
    const { basePath } = options
    const nothing = basePath === '' ? NOT_FOUND_AT_ROOT : NOT_FOUND
    return respond(call as Call<Env>, isBelow(basePath, call.req.path) ? nothing : outside(basePath, call.req.path))
  })
  app.onError((error, call) => {
    // Who has left is not waiting for it.
    if (!call.req.raw.signal.aborted) report(error, parts)
    return respond(call as Call<Env>, problemOf(error))
  })
  return app
}
