import { Idiomorph } from 'idiomorph'
import { showCopy } from './copy.ts'
import { isSelected, showSelection } from './selection.ts'
import { writeTimes } from './times.ts'

const PAUSED_KEY = 'requeuest.paused'
const TIMEOUT_MS = 30_000
/** Attributes that say what the visitor has done, and where they do: the value of other fields says what is acted on. */
const STATE_OF: Readonly<Record<string, string>> = {
  open: 'details, dialog',
  checked: 'input',
  selected: 'option',
  value: 'textarea, input:not([type=hidden], [type=checkbox], [type=radio], [type=submit])',
}

/**
 * Asks for what is new every few seconds and changes what has changed, in place: focus, scrolling, what is selected or typed, and
 * what was opened stay. A hidden tab, and a page whose visitor has paused it, asks nothing; nor does one that says that it stays
 * as it is.
 */
export function startLive(): void {
  if (document.querySelector('[data-still]') !== null) return
  const every = Number(document.body.dataset['refresh'])
  const button = document.getElementById('live') as HTMLButtonElement
  const isPaused = () => localStorage.getItem(PAUSED_KEY) !== null
  const isWatched = () => !document.hidden && !isPaused()
  let timer: number | undefined
  let isAsking = false
  const schedule = (delayMs: number) => {
    clearTimeout(timer)
    button.setAttribute('aria-pressed', String(!isPaused()))
    if (isWatched() && !isAsking) timer = window.setTimeout(update, delayMs)
  }
  const update = async () => {
    isAsking = true
    const html = await newMain()
    isAsking = false
    try {
      // It may have been hidden or paused meanwhile.
      if (isWatched()) show(html)
    } finally {
      schedule(every)
    }
  }
  button.addEventListener('click', () => {
    if (isPaused()) localStorage.removeItem(PAUSED_KEY)
    else localStorage.setItem(PAUSED_KEY, '')
    schedule(0)
  })
  document.addEventListener('visibilitychange', () => schedule(0))
  button.hidden = false
  schedule(every)
}

/** Null if the server did not answer, or with something else: that it is away, or that the visitor has to log in again. */
async function newMain(): Promise<string | null> {
  try {
    const headers = { 'x-requeuest-part': 'main' }
    const response = await fetch(location.href, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) })
    const html = await response.text()
    return response.ok && html.startsWith('<main') ? html : null
  } catch {
    return null
  }
}

/** Without an answer what is shown is out of date, and says so. */
function show(html: string | null): void {
  document.body.classList.toggle('stale', html === null)
  const status = document.getElementById('stale') as HTMLElement
  const text = html === null ? 'Out of date: the server does not answer' : ''
  if (status.textContent !== text) status.textContent = text
  if (html !== null) swap(html)
}

/** Puts the new `<main>` in the place of the one that is shown. */
function swap(html: string): void {
  const main = document.getElementById('main')
  if (!main) return
  const keepPlace = placeOf(main)
  Idiomorph.morph(main, html, {
    morphStyle: 'outerHTML',
    ignoreActiveValue: true,
    callbacks: { beforeAttributeUpdated: mayChange, beforeNodeRemoved: (node) => !isSelected(node) },
  })
  writeTimes()
  showSelection()
  showCopy()
  keepPlace()
}

/** What is read stays where it is, when rows come or go above it. Browsers do not see to that within what scrolls sideways. */
function placeOf(main: HTMLElement): () => void {
  const topOf = (element: Element) => element.getBoundingClientRect().top
  const first = scrollY > 0 ? [...main.querySelectorAll('tr[id]')].find((row) => topOf(row) >= 0) : undefined
  if (!first) return () => {}
  const top = topOf(first)
  return () => {
    if (first.isConnected) scrollBy({ top: topOf(first) - top, behavior: 'instant' })
  }
}

/** Whether an attribute may be changed: what the visitor has opened, selected or typed is theirs. */
function mayChange(name: string, node: Element): boolean {
  const isState = STATE_OF[name]
  return isState === undefined || !node.matches(isState)
}
