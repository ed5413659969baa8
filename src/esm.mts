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
  statementName,
  WaitTimeoutError,
} from './index.ts'
