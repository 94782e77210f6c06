import assert from 'node:assert/strict'
import { join } from 'node:path'
import { parse } from '../../bin/filters.ts'
import { run, withinFolder, written } from '../support/command.ts'
import { runHere } from '../support/run-here.ts'

const NAMES = Array.from({ length: 33 }, (_, i) => `"a${i}": ${i}`).join()

/** Arguments that are wrong, and what the one line about them begins with. */
const WRONG: Array<[args: string[], says: string]> = [
  [['subscribe'], "subscribe: needs a filter (example: gossip-peer subscribe 'price in [10, 20)'), or --topic"],
  [['subscribe', ''], 'subscribe: column 1: expected "*" or an attribute, not the end'],
  [['subscribe', 'price >'], 'subscribe: column 8: expected a number, not the end'],
  [['subscribe', 'price in [10 20)'], 'subscribe: column 14: expected ",", not "20"'],
  [['subscribe', 'price = 1 or x = 2'], 'subscribe: column 11: expected "and" or the end, not "or"'],
  [['subscribe', 'a in [5, 3]'], 'subscribe: column 1: no number is >= 5 and <= 3'],
  [['subscribe', 'a = 1 and a = 2'], 'subscribe: column 11: '],
  [['subscribe', 'a in {}'], 'subscribe: column 1: no value is in an empty set'],
  [['subscribe', '{"a": }'], 'subscribe: "{"a": }" is no JSON ('],
  [['subscribe', '{"a": {"near": 3}}'], 'subscribe: "a": expected one of >, '],
  [['subscribe', '{"a": {">": 5, "<": 3}}'], 'subscribe: "a": no number is > 5 and < 3'],
  [['subscribe', `${'n'.repeat(65)} = 1`], 'subscribe: column 1: "nnn'],
  [['subscribe', `a = "${'x'.repeat(5_000)}"`], 'subscribe: a text of more than 4096 characters'],
  [['subscribe', 'a = 1', 'b = 2'], 'b = 2: subscribe takes no further words'],
  [['subscribe', '*', '--topic', 'news'], 'subscribe: takes either a filter or --topic'],
  [['subscribe', '--topic'], '--topic: needs a value'],
  [['subscribe', '--topic', ''], '--topic: needs a value'],
  [['subscribe', '--topic', 'x'.repeat(129)], '--topic: a name of 129 characters, not one of 1 to 128'],
  [['subscribe', '--topic', 'a', '--topic', 'b'], '--topic: given 2 times'],
  [['subscribe', '*', '--topc', 'x'], '--topc: unknown option (did you mean --topic?)'],
  [['subscribe', '*', '--payload', 'x'], '--payload: not an option of subscribe (it belongs to publish)'],
  [['status', '--topic', 'x'], '--topic: not an option of status (it belongs to subscribe and publish)'],
  [['publish'], `publish: needs an event (example: gossip-peer publish '{"price": 12.5}'), or --topic`],
  [['publish', ''], 'publish: "" is no JSON object (example: '],
  [['publish', 'price=3'], 'publish: "price=3" is no JSON object (example: '],
  [['publish', '[1]'], 'publish: "[1]" is no JSON object (example: '],
  [['publish', 'null'], 'publish: "null" is no JSON object (example: '],
  [['publish', `{${'x'.repeat(500)}`], `publish: "{${'x'.repeat(79)}..." is no JSON object`],
  [['publish', '{"a":\n\u001b[2J'], 'publish: "{"a":\\u000a\\u001b[2J" is no JSON object'],
  [['publish', '{"a": 1e999}'], 'publish: a: Infinity is not finite'],
  [['publish', '{"a": -1e999}'], 'publish: a: -Infinity is not finite'],
  [['publish', '{"a": null}'], 'publish: a: neither a number nor a string nor a boolean'],
  [['publish', '{"a": [1]}'], 'publish: a: neither a number nor a string nor a boolean'],
  [['publish', '{"a": "\\ud800"}'], 'publish: a: a string with half a surrogate pair'],
  [['publish', `{"a": "${'x'.repeat(1_025)}"}`], 'publish: a: more than 1024 bytes'],
  [['publish', `{${NAMES}}`], 'publish: 33 attributes, more than 32'],
  [['publish', '{"9": 1}'], 'publish: "9" is no name of an attribute (1 to 64 letters, '],
  [['publish', `{"${'n'.repeat(65)}": 1}`], 'publish: "nnn'],
  [['publish', '{"a": 1}', '{"b": 1}'], '{"b": 1}: publish takes no further words'],
  [['publish', '{"a": 1}', '--topic', 'news'], 'publish: takes either an event or --topic'],
  [['publish', '--topic', 'x'.repeat(129)], '--topic: a name of 129 characters, not one of 1 to 128'],
  [['publish', '{"a": 1}', '--payload'], '--payload: needs a value'],
  [['publish', '{"a": 1}', '--payload', 'a', '--payload', 'b'], '--payload: given 2 times'],
  [['publish', '{"a": 1}', '--payload', '/nonexistent/x'], '--payload: cannot read /nonexistent/x (ENOENT)'],
  [['publish', '{"a": 1}', '--payload', '/'], '--payload: cannot read / (EISDIR)'],
  [['publish', '{"a": 1}', '--filter', 'x'], '--filter: not an option of publish (it belongs to sim)'],
  [['start', '--subscribe'], '--subscribe: needs a value'],
  [['start', '--subscribe', 'x in'], '--subscribe: column 5: expected '],
  [['start', '--subscribe', '*', '--subscribe', 'a in [5, 3]'], '--subscribe: column 1: no number is'],
  [
    ['start', ...Array.from({ length: 65 }, (_, i) => ['--subscribe', `a = ${i}`]).flat()],
    '--subscribe: 65 filters, and a peer can have 64 subscriptions'
  ]
]

describe('wrong usage of the verbs of events', () => {
  let folder: string

  withinFolder(path => {
    folder = path
  })

  for (const [args, says] of WRONG) {
    const shown = JSON.stringify(args).slice(0, 70)

    it(shown, async () => {
      const { code, stdout, stderr } = await runHere(args, { GOSSIP_PEER_HOME: join(folder, 'none') })
      assert.match(stderr, /^gossip-peer: [^\n]+\n$/)
      assert(stderr.startsWith(`gossip-peer: ${says}`), stderr)
      assert.deepEqual([code, stdout], [2, ''])
    })
  }

  it('a payload that is too long, or never ends', async () => {
    const file = written(folder, 'long', 'x'.repeat(65_537))

    for (const source of [file, '/dev/zero']) {
      const { code, stderr } = await runHere(['publish', '{}', '--payload', source], { GOSSIP_PEER_HOME: folder })
      assert.deepEqual([code, stderr], [2, 'gossip-peer: --payload: more than 65536 bytes\n'])
    }
  })

  it('names the variable, and the file, of a filter that is wrong', async () => {
    const variable = await runHere([], { GOSSIP_PEER_HOME: folder, GOSSIP_PEER_SUBSCRIBE: 'a >' })
    assert.match(variable.stderr, /^gossip-peer: GOSSIP_PEER_SUBSCRIBE: column 4: expected a number, not the end\n$/)
    const config = written(folder, 'wrong.yaml', 'subscribe: [a = 1, b =]\n')
    const file = await runHere(['--config', config], { GOSSIP_PEER_HOME: folder })
    assert.match(file.stderr, /^gossip-peer: wrong.yaml: subscribe: column 4: expected a value, not the end\n$/)
    assert.deepEqual([variable.code, file.code], [2, 2])
  })

  it('with no peer running they say so', async () => {
    const home = join(folder, 'nobody')

    for (const args of [
      ['subscribe', '*'],
      ['subscribe', '--topic', 'news'],
      ['publish', '{}'],
      ['publish', '--topic', 'news']
    ]) {
      const { code, stdout, stderr } = await runHere([...args, '--home', home])
      const says = `gossip-peer: no peer runs in ${home} (start one: gossip-peer start --home ${home})\n`
      assert.deepEqual([code, stdout, stderr], [1, '', says])
    }
  })

  it('takes filters in both forms for the same', () => {
    const text = 'price in [10, 20) and symbol in {AAPL, MSFT}'
    assert.equal(String(parse(' {"symbol": {"in": ["AAPL", "MSFT"]}, "price": {">=": 10, "<": 20}}')), text)
    assert.equal(String(parse(text)), text)
    assert.equal(String(parse('{}')), '*')
  })

  it('both are in the help, and completed', async () => {
    const [help, verbs, options] = await Promise.all([
      run(['--help']),
      run(['--get-yargs-completions', 'gossip-peer', '']),
      run(['--get-yargs-completions', 'gossip-peer', 'publish', '--'])
    ])
    assert.match(help.stdout, /^ {2}--subscribe /m)

    for (const verb of ['subscribe', 'publish']) {
      const { code, stdout } = await run([verb, '--help'])
      assert.equal(code, 0)
      assert.match(stdout, new RegExp(`^gossip-peer ${verb} \\[`))
      assert.match(stdout, /^ {2}--topic /m)
      assert(verbs.stdout.split('\n').includes(verb))
      assert.match(help.stdout, new RegExp(`^  gossip-peer ${verb} `, 'm'))
    }

    assert.match(options.stdout, /^--payload$/m)
    assert.match(options.stdout, /^--topic$/m)
    assert.doesNotMatch(options.stdout, /^--subscribe$/m)
  })
})
