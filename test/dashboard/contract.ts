import { expect, vi } from 'vitest'
import type { Seen } from './doorman.ts'

export interface Asked {
  method?: string
  headers?: Record<string, string>
  body?: string
  signal?: AbortSignal
}

export interface Answer {
  status: number
  headers: Headers
  text: string
}

/** A dashboard as a framework serves it. */
export interface Site {
  basePath: string
  ask(path: string, asked?: Asked): Promise<Answer>
  /** What `access` was asked with last. */
  seen(): Promise<Seen | undefined>
}

const OURS = { 'sec-fetch-site': 'same-origin' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const CHANNEL = 'odd +&=%2F ünï channel'

/** What is so wherever the dashboard is mounted. */
export const CONTRACT: Readonly<Record<string, (site: Site) => Promise<void>>> = {
  'its pages have links and assets that stay below its path': async ({ basePath, ask }) => {
    const page = await ask(basePath || '/')
    expect(page).toMatchObject({ status: 200, text: expect.stringMatching(/^<!doctype html>/) })
    expect(page.headers.get('content-type')).toBe('text/html; charset=UTF-8')
    expectSecurityHeaders(page)
    const addresses = [...page.text.matchAll(/ (?:href|src|action)="([^"]*)"/g)].map(([, address]) => address as string)
    expect(addresses.length).toBeGreaterThan(10)
    const elsewhere = addresses.filter((address) => !/^(?:#|data:)/.test(address) && !isBelow(basePath, address))
    expect(elsewhere).toEqual([])
    for (const [end, type] of [
      ['.js', 'text/javascript; charset=utf-8'],
      ['.css', 'text/css; charset=utf-8'],
    ] as const) {
      const asset = await ask(addresses.find((address) => address.endsWith(end)) as string)
      expect(asset.status).toBe(200)
      expect(asset.headers.get('content-type')).toBe(type)
      expect(asset.headers.get('cache-control')).toBe('private, max-age=31536000, immutable')
    }
  },

  'its front page is found with a slash at the end as well': async ({ basePath, ask }) => {
    const page = await ask(`${basePath}/`)
    const address = page.headers.get('location')
    // Next takes the slash away itself.
    expect(address === null ? page : await ask(address)).toMatchObject({ status: 200 })
  },

  'a part of a page is its main element alone': async ({ basePath, ask }) => {
    const part = await ask(`${basePath}/requests`, { headers: { 'x-requeuest-part': 'main' } })
    expect(part).toMatchObject({ status: 200, text: expect.stringMatching(/^<main .*<\/main>$/s) })
  },

  'HEAD is answered as GET is, without a body': async ({ basePath, ask }) => {
    const page = await ask(`${basePath}/requests`, { method: 'HEAD' })
    expect(page).toMatchObject({ status: 200, text: '' })
    expect(page.headers.get('content-type')).toMatch('text/html')
    expectSecurityHeaders(page)
  },

  'a page that there is none of is not found, and looks like the others': async ({ basePath, ask }) => {
    for (const path of ['/nothing', '/requests/nothing/at/all', '/assets/nothing.js', '/%E2%98%83']) {
      const page = await ask(basePath + path)
      expect(page).toMatchObject({ status: 404, text: expect.stringContaining('<nav aria-label="Pages">') })
      expectSecurityHeaders(page)
    }
  },

  'nobody is let in by mistake, and learns nothing': async ({ basePath, ask }) => {
    for (const [visitor, status] of [
      ['nobody', 403],
      ['forgotten', 403],
      ['unlucky', 500],
    ] as const) {
      for (const path of ['', '/requests', '/nothing', '/actions/pause?channel=a']) {
        const page = await ask(basePath + path || '/', { headers: { 'x-visitor': visitor } })
        expect({ visitor, path, status: page.status }).toEqual({ visitor, path, status })
        expect(page.text).not.toMatch(/a-secret|nav/)
        expectSecurityHeaders(page)
      }
    }
  },

  'a form acts only if a page of the dashboard itself sent it': async (site) => {
    const host = 'dashboard.example.com'
    const refused: Record<string, string>[] = [
      {},
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { origin: 'null' },
      { origin: 'https://evil.example.com' },
      { origin: `http://${host}`, 'sec-fetch-site': 'cross-site' },
    ]
    for (const headers of refused) {
      const answer = await act(site, 'pause', { host, ...headers })
      expect(answer).toMatchObject({ status: 403, text: 'Only pages of the dashboard itself may send this.' })
      expectSecurityHeaders(answer)
    }
    expect(await act(site, 'pause', { ...OURS, 'x-visitor': 'reader' })).toMatchObject({ status: 403 })
    expect(await isPaused(site)).toBe(false)
  },

  'a form of the dashboard acts, and leads back': async (site) => {
    const host = 'dashboard.example.com'
    const paused = await act(site, 'pause', OURS)
    expect(paused.status).toBe(303)
    expect(paused.headers.get('location')).toMatch(new RegExp(`^${site.basePath}/channels\\?`))
    expect(await isPaused(site)).toBe(true)
    expect((await act(site, 'resume', { host: host.toUpperCase(), origin: `http://${host}` })).status).toBe(303)
    expect(await isPaused(site)).toBe(false)
  },

  'an address arrives with the meaning that it was sent with': async ({ basePath, ask, seen }) => {
    const queries = [
      'url-contains=%2Forders%2F+1%26%3D%23',
      'channel=%C3%BC%F0%9F%A6%8A%E2%80%AE',
      'order-key=&channel=%ff%zz%',
      `url-contains=${'x'.repeat(6000)}`,
      "url-contains='%22%3Cscript%3E",
    ]
    for (const query of queries) {
      const { status } = await ask(`${basePath}/requests?${query}`)
      expect([200, 400]).toContain(status)
      const { pathname, searchParams } = new URL((await seen())?.url ?? '')
      expect(pathname).toBe(`${basePath}/requests`)
      expect([...searchParams]).toEqual([...new URLSearchParams(query)])
    }
    expect((await ask(`${basePath}/requests?channel=a%00b`)).status).toBe(400)
  },

  'access gets the headers, and what the framework has as its request': async ({ basePath, ask, seen }) => {
    await ask(`${basePath}/requests`, { headers: { cookie: 'session=a; theme=b' } })
    expect(await seen()).toMatchObject({ method: 'GET', cookie: 'session=a; theme=b', isNative: true })
  },

  'what a visitor has left is aborted': async ({ basePath, ask, seen }) => {
    const leaving = new AbortController()
    const left = ask(`${basePath}/requests`, {
      headers: { 'x-visitor': 'gone', cookie: 'gone' },
      signal: leaving.signal,
    })
    left.catch(() => {})
    await vi.waitFor(async () => expect((await seen())?.cookie).toBe('gone'), { timeout: 10_000 })
    leaving.abort()
    await vi.waitFor(async () => expect((await seen())?.isAborted).toBe(true), { timeout: 10_000 })
  },
}

/** Pauses or resumes a channel. */
function act({ basePath, ask }: Site, action: string, headers: Record<string, string>): Promise<Answer> {
  const body = new URLSearchParams({ channel: CHANNEL, return: `${basePath}/channels?x=${CHANNEL}` })
  return ask(`${basePath}/actions/${action}`, { method: 'POST', headers: { ...FORM, ...headers }, body: String(body) })
}

/** Whether the channel is shown, which has nothing but its pause. */
async function isPaused({ basePath, ask }: Site): Promise<boolean> {
  const { text } = await ask(`${basePath}/channels`, { headers: { 'x-requeuest-part': 'main' } })
  return text.includes('ünï')
}

function isBelow(basePath: string, address: string): boolean {
  return address === (basePath || '/') || address.startsWith(`${basePath}/`) || address.startsWith(`${basePath}?`)
}

function expectSecurityHeaders({ headers }: Answer): void {
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'nonce-[\w+/=]{24}'/)
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
}
