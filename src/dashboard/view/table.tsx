import type { Content } from './html.ts'

/** A table that scrolls by itself where the screen is narrow. `label` is read out to those who do not see it. */
export function Table({ label, head, children }: { label: string; head: Content; children: Content }) {
  return (
    <section class="scroll" tabindex={0} aria-label={label}>
      <table>
        <thead>
          <tr>{head}</tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  )
}

/** What stands where there is nothing to list, with what to do about it. */
export function Empty({ title, children }: { title: string; children?: Content }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  )
}
