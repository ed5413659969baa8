/** What a scenario measured, and what of it may not be. */
export interface Measured {
  name: string
  figures: Record<string, number>
  violations: string[]
}
