/** Ends the command with its message and exit code 1; anything else that is thrown is a bug and shows its stack. */
export class CliError extends Error {
  override readonly name = 'CliError'
}
