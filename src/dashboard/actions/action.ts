import type { DashboardAction, DashboardActionEvent } from '../options.ts'
import type { Content } from '../view/html.ts'
import type { View } from '../view/view.ts'

/** What an action is done to. */
export type Target = DashboardActionEvent['target']

/** How far an action of many requests is. */
export interface Step {
  /** Requests that were looked at. */
  done: number
  /** Those of them that were changed. */
  changed: number
}

/** What an action has done. */
export interface Outcome {
  /** Requests, channels, origins, lines or schedules. */
  changed: number
  /** Of how many more its message tells. @default 0 */
  others?: number
}

/** What the page of an action says and asks before it is done. */
export interface Question {
  /** `Redrive 25 requests?` */
  title: string
  /** `Redrive 25 requests` */
  button: string
  /** What will happen. */
  text: Content
  /** Fields for its parameters. */
  fields?: Content
  /** How many requests it is, where it is done in batches and its progress is worth showing. */
  many?: number
  /** Set if there is nothing that it could be done to. */
  isPointless?: boolean
}

/** Something that visitors may do. */
export interface Action<T extends Target = Target> {
  name: DashboardAction
  /** Reads from a form what it shall be done to. @throws {@link InvalidInputError} */
  targetOf(form: URLSearchParams): T
  ask(view: View, target: T, form: URLSearchParams): Promise<Question>
  /**
   * Does it.
   *
   * @param report - is told after each batch, and throws if it shall end
   * @throws {@link InvalidInputError} for parameters that cannot be: then nothing was done
   */
  run(view: View, target: T, form: URLSearchParams, report: (step: Step) => void): Promise<Outcome>
  /** What visitors are told afterwards. */
  said(changed: number, others: number): string
}
