/** Says how many requests are ticked, and ticks all of the page. What is ticked outlives the page's updates. */
export function startSelection(): void {
  document.addEventListener('change', ({ target }) => {
    const form = formOf(target)
    if (!form) return
    if ((target as Element).id === 'select-all') {
      for (const box of boxesOf(form)) box.checked = (target as HTMLInputElement).checked
    }
    show(form)
  })
  showSelection()
}

/** Again after each update, which brings rows and takes none that are ticked. */
export function showSelection(): void {
  const form = document.querySelector<HTMLFormElement>('form[data-selection]')
  if (form) show(form)
}

/** Whether something ticked is in it, which therefore stays. */
export function isSelected(node: Node): boolean {
  return node instanceof Element && node.querySelector('[data-selection] input[name="id"]:checked') !== null
}

function show(form: HTMLFormElement): void {
  const boxes = boxesOf(form)
  const ticked = boxes.filter((box) => box.checked).length
  const all = form.querySelector<HTMLInputElement>('#select-all')
  if (all) {
    all.hidden = false
    all.checked = ticked === boxes.length
    all.indeterminate = ticked > 0 && ticked < boxes.length
  }
  for (const button of form.querySelectorAll('button')) button.disabled = ticked === 0
  const label = form.querySelector('[data-selected]')
  if (label) label.textContent = `${ticked} selected`
}

function boxesOf(form: HTMLFormElement): HTMLInputElement[] {
  return [...form.querySelectorAll<HTMLInputElement>('input[name="id"]')]
}

function formOf(target: EventTarget | null): HTMLFormElement | null {
  return target instanceof Element ? target.closest<HTMLFormElement>('form[data-selection]') : null
}
