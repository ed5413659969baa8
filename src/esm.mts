export type * from './index.ts'
export {
  bearer,
  DuplicateRequestError,
  http,
  InvalidInputError,
  oauth2ClientCredentials,
  RequestCancelledError,
  RequestFailedError,
  Requeuest,
  RequeuestError,
  requeuestExtension,
  statementName,
  WaitTimeoutError,
} from './index.ts'
