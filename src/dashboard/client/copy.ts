/** Copies the text of the element that a button names. Where pages may not use the clipboard, on http, the text is selected instead. */
export function startCopy(): void {
  showCopy()
  document.addEventListener('click', async ({ target }) => {
    const button = target instanceof Element ? target.closest<HTMLElement>('[data-copy]') : null
    const source = document.getElementById(button?.dataset['copy'] ?? '')
    if (!button || !source) return
    try {
      await navigator.clipboard.writeText(source.textContent ?? '')
      button.textContent = 'Copied'
    } catch {
      getSelection()?.selectAllChildren(source)
      button.textContent = 'Selected: copy it with Ctrl+C'
    }
  })
}

/** Without this script there is nothing that such a button could do. */
export function showCopy(): void {
  for (const button of document.querySelectorAll<HTMLElement>('[data-copy]')) button.hidden = false
}
