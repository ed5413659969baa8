/** The Postgres schema that Prisma's commands take from a URL; undefined if it names none. */
export function schemaInUrl(url: string | undefined): string | undefined {
  const schema = url !== undefined && URL.canParse(url) && new URL(url).searchParams.get('schema')
  return schema || undefined
}
