import type { HtmlEscapedString } from 'hono/utils/html'

/** Markup in which everything that was inserted is escaped. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>

/** What components take as their content. */
export type Content = Html | string | number | null | undefined | false | readonly Content[]
