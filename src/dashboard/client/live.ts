import { Idiomorph } from 'idiomorph'
import { showCopy } from './copy.ts'
import { isSelected, showSelection } from './selection.ts'
import { writeTimes } from './times.ts'

const PAUSED_KEY = 'requeuest.paused'

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
  const show = () => button.setAttribute('aria-pressed', String(!isPaused()))
  button.hidden = false
  show()
  let timer: number | undefined
  const schedule = () => {
    clearTimeout(timer)
    if (!document.hidden && !isPaused()) timer = window.setTimeout(() => refresh().finally(schedule), every)
  }
  button.addEventListener('click', () => {
    if (isPaused()) localStorage.removeItem(PAUSED_KEY)
    else localStorage.setItem(PAUSED_KEY, '')
    show()
    schedule()
  })
  document.addEventListener('visibilitychange', schedule)
  schedule()
}

async function refresh(): Promise<void> {
  try {
    const response = await fetch(location.href, { headers: { 'x-requeuest-part': 'main' } })
    document.body.classList.toggle('stale', !response.ok)
    if (!response.ok || document.hidden) return
    swap(await response.text())
  } catch {
    // The server is away. What is shown is out of date, and says so.
    document.body.classList.add('stale')
  }
}

/** Puts the new `<main>` in the place of the one that is shown. */
function swap(html: string): void {
  const main = document.getElementById('main')
  if (!main) return
  Idiomorph.morph(main, html, {
    morphStyle: 'outerHTML',
    ignoreActiveValue: true,
    callbacks: { beforeAttributeUpdated: keepsItsState, beforeNodeRemoved: (node) => !isSelected(node) },
  })
  writeTimes()
  showSelection()
  showCopy()
}

/** What the visitor has opened, selected or typed is theirs. */
function keepsItsState(name: string, node: Element): boolean {
  if (name === 'open') return node.tagName !== 'DETAILS' && node.tagName !== 'DIALOG'
  return !['checked', 'value', 'selected'].includes(name) || node.closest('[data-keep]') === null
}
