/** A table in Markdown. */
export function table(titles: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Numbers for people: so many significant digits. */
export function digits(value: number, count = 3): string {
  return value === 0 ? '0' : String(Number(value.toPrecision(count)))
}

/** A share, in percent. */
export function percent(share: number): string {
  return `${digits(share * 100)} %`
}
