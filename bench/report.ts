/** The middle value. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Prints what was measured, a line a figure. */
export function print(title: string, figures: Record<string, number | string>): void {
  console.log(title)

  for (const [name, value] of Object.entries(figures)) {
    const text = typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(2) : String(value)
    console.log(`  ${name.padEnd(56)} ${text}`)
  }
}
