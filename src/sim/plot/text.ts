/**
 * Average advance of a character in em. That of a wide font (DejaVu Sans), for the reader's is not known: no text is
 * ever measured, so that a figure is the same on every machine.
 */
const ADVANCE = 0.6

/** Where the scripts begin whose characters are as wide as they are high. */
const FULL_WIDTH = 0x2e80

/** What XML 1.0 cannot hold, not even escaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f\ufffe\uffff]+/g

/** The text without control characters and halves of characters. */
export function printable(text: string): string {
  return text.toWellFormed().replace(UNPRINTABLE, ' ')
}

/** About how wide a line is, in the unit of the font size. */
export function textWidth(text: string, fontSize: number): number {
  let em = 0

  for (const character of text) {
    em += (character.codePointAt(0) ?? 0) < FULL_WIDTH ? ADVANCE : 1
  }

  return em * fontSize
}

/** The text in lines no wider than this, broken between words, and within those that are too long for a line. */
export function wrap(text: string, fontSize: number, width: number): string[] {
  return text.split('\n').flatMap(paragraph => wrapParagraph(printable(paragraph), fontSize, width))
}

function wrapParagraph(text: string, fontSize: number, width: number): string[] {
  const lines: string[] = []
  let line = ''

  for (const word of text.split(' ').filter(word => word !== '')) {
    const longer = line === '' ? word : `${line} ${word}`

    if (textWidth(longer, fontSize) <= width) {
      line = longer
      continue
    }

    if (line !== '') {
      lines.push(line)
      line = ''
    }

    for (const character of word) {
      if (line !== '' && textWidth(line + character, fontSize) > width) {
        lines.push(line)
        line = ''
      }

      line += character
    }
  }

  return line === '' ? lines : [...lines, line]
}
