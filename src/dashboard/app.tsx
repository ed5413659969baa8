import { randomBytes } from 'node:crypto'
import { type Context as Call, Hono } from 'hono'
import type { Context } from '../instance/context.ts'
import type { Requeuest } from '../requeuest.ts'
import { type Allowed, allowedBy } from './access/allowed.ts'
import { isForThisHost, isFromThisPage, provenanceOf } from './access/same-origin.ts'
import { securityHeaders } from './access/security-headers.ts'
import { DoneNote } from './actions/done-note.tsx'
import { withoutNote } from './actions/return-address.ts'
import { doAction, showAction } from './actions/routes.tsx'
import { script, styles } from './embedded-assets.ts'
import type { ResolvedDashboardOptions } from './options.ts'
import { PAGES } from './pages/all.ts'
import { report } from './report.ts'
import { assetHeaders, assetPaths } from './view/assets.ts'
import { Layout, Main } from './view/layout.tsx'
import { NOT_FOUND, problemOf } from './view/problem.tsx'
import { queryText, type Shown, type View } from './view/view.ts'

interface Parts {
  requeuest: Requeuest
  parts: Context
  options: ResolvedDashboardOptions
}

interface Env {
  Bindings: { native: unknown }
  Variables: { allowed: Exclude<Allowed, null>; nonce: string }
}

/** What a page's script asks with for `<main>` alone. */
const PART_HEADER = 'x-requeuest-part'
const ASSETS = assetPaths(script, styles)

/** The routes of a dashboard. Each is behind the same door. */
export function createApp({ requeuest, parts, options }: Parts): Hono<Env> {
  const app = new Hono<Env>().basePath(options.basePath)

  app.use(async (call, next) => {
    const nonce = randomBytes(16).toString('base64')
    call.set('nonce', nonce)
    const refusal = await refusalOf(call, options)
    if (refusal === null) await next()
    else call.res = refusal
    for (const [name, value] of Object.entries(securityHeaders(nonce))) {
      if (name !== 'cache-control' || !call.res.headers.has(name)) call.res.headers.set(name, value)
    }
  })

  const viewOf = (call: Call<Env>): View => {
    const { pathname, searchParams } = new URL(call.req.url)
    return {
      requeuest,
      parts,
      options,
      query: searchParams,
      params: call.req.param(),
      here: `${pathname}${withoutNote(searchParams)}`,
      href: (path, query = {}) => `${options.basePath}${path}${queryText(query)}` || '/',
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
    const path = new URL(call.req.url).pathname.slice(options.basePath.length) || '/'
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
  app.notFound((call) => respond(call as Call<Env>, NOT_FOUND))
  app.onError((error, call) => {
    report(error, parts)
    return respond(call as Call<Env>, problemOf(error))
  })
  return app
}

/** Why the visitor is not let in; null if they are. Nothing of the page has been looked at yet. */
async function refusalOf(call: Call<Env>, { access, origins }: ResolvedDashboardOptions): Promise<Response | null> {
  const { raw, method } = call.req
  const provenance = provenanceOf(raw)
  if (!isForThisHost(provenance, origins)) return call.text('This host is not one of the dashboard.', 421)
  if (method !== 'GET' && method !== 'HEAD' && !isFromThisPage(provenance, origins)) {
    return call.text('Only pages of the dashboard itself may send this.', 403)
  }
  const allowed = allowedBy(await access(raw, call.env.native))
  if (allowed === null) return call.text('You may not see this dashboard.', 403)
  call.set('allowed', allowed)
  return null
}
