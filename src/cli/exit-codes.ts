/** What the command's exit code says. */
export const EXIT = {
  fine: 0,
  /** Something failed, or `doctor` has found something. */
  failed: 1,
  /** The command line is invalid, or what it asks for was not confirmed. */
  usage: 2,
  noConnection: 3,
  /** By Ctrl-C. */
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
