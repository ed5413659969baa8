/** The path of a page as the browser sees it. */
export function below(basePath: string, path: string): string {
  return basePath + (path === '/' ? '' : path) || '/'
}

/** Whether a path belongs to the dashboard. */
export function isBelow(basePath: string, path: string): boolean {
  return path === basePath || path.startsWith(`${basePath}/`)
}
