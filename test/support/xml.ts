import assert from 'node:assert/strict'

export interface Element {
  name: string
  attributes: Map<string, string>
  children: Element[]
  /** Of this element alone. */
  text: string
}

const TOKEN = /<(\/?)([A-Za-z][\w:.-]*)((?:\s+[A-Za-z][\w:.-]*="[^"<]*")*)\s*(\/?)>|([^<]+)/y
const ATTRIBUTE = /([A-Za-z][\w:.-]*)="([^"]*)"/g
const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** Reads XML of elements and text only; fails when it is not well-formed. */
export function parseXml(xml: string): Element {
  const top: Element = { name: '', attributes: new Map(), children: [], text: '' }
  const open = [top]
  TOKEN.lastIndex = 0

  while (TOKEN.lastIndex < xml.length) {
    const at = TOKEN.lastIndex
    const token = TOKEN.exec(xml)
    assert.ok(token !== null, `not well-formed: ${xml.slice(at, at + 80)}`)
    const [, closes, name, attributes, empty, text] = token
    const parent = open[open.length - 1]

    if (text !== undefined) {
      parent.text += unescaped(text)
    } else if (closes === '/') {
      assert.equal(open.pop()?.name, name)
    } else {
      const pairs = [...attributes.matchAll(ATTRIBUTE)].map(([, key, value]) => [key, unescaped(value)] as const)
      const element: Element = { name, attributes: new Map(pairs), children: [], text: '' }
      assert.equal(element.attributes.size, pairs.length, 'an attribute is given twice')
      parent.children.push(element)

      if (empty === '') {
        open.push(element)
      }
    }
  }

  assert.equal(open.length, 1, `${open[open.length - 1].name} is not closed`)
  assert.equal(top.children.length, 1, 'there is one root')
  assert.equal(top.text.trim(), '')
  return top.children[0]
}

function unescaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML cannot hold them
  assert.doesNotMatch(text, /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/)
  assert.ok(text.isWellFormed())

  return text.replace(/&([^;]*;?)/g, (_, entity: string) => {
    const name = entity.slice(0, -1)
    assert.ok(entity.endsWith(';') && Object.hasOwn(ENTITIES, name), `no entity: &${entity}`)
    return ENTITIES[name]
  })
}

/** The element and all within it, in their order. */
export function everyElement(element: Element): Element[] {
  return [element, ...element.children.flatMap(everyElement)]
}
