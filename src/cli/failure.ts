import { EXIT, type ExitCode } from './exit-codes.ts'

/** Ends the command with its message and an exit code; anything else that is thrown is a bug and shows its stack. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode = EXIT.failed) {
    super(message)
    this.exitCode = exitCode
  }
}
