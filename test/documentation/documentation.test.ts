import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../../..')
/** Inside the package, so that it finds itself by its own name. */
const folder = join(root, 'dist/documented')

const documents = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md'))
    .map(name => join('docs', name))
]

interface Example {
  file: string
  source: string
}

/** The TypeScript blocks of the documents, and of the package documentation at the head of each public module. */
function documented(): Example[] {
  const modules = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(path => basename(path) === 'index.ts')
    .map(path => join('src', path))

  return [...documents, ...modules]
    .filter(path => /\.(md|ts)$/.test(path))
    .flatMap(path => {
      const text = readFileSync(join(root, path), 'utf8')
      const plain = path.endsWith('.ts') ? text.replace(/^ \* ?/gm, '') : text
      const blocks = [...plain.matchAll(/```typescript\n([\s\S]*?)```/g)]
      return blocks.map(([, source], i) => ({ file: `${nameOf(path)}-${i + 1}`, source }))
    })
}

/** The path of a document or module, as the name of a file. */
function nameOf(path: string): string {
  return path.replace(/[^a-z]+/gi, '-')
}

describe('the documentation', function () {
  this.timeout(120_000)
  const examples = documented()

  before(async () => {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })

    for (const { file, source } of examples) {
      // on Node 20 libp2p needs what the command brings itself
      writeFileSync(join(folder, `${file}.ts`), `import 'gossip-peer/peer'\n${source}`)
    }

    const options = '--strict --module nodenext --target es2024 --types node'.split(' ')
    const files = examples.map(({ file }) => join(folder, `${file}.ts`))
    await run(join(root, 'node_modules/.bin/tsc'), ['--ignoreConfig', ...options, ...files], { cwd: folder }).catch(
      err => {
        throw new Error(`an example does not compile:\n${err.stdout}`)
      }
    )
  })

  for (const { file } of examples) {
    it(`${file}: the example runs as it stands there`, async () => {
      await run(process.execPath, [join(folder, `${file}.js`)], { cwd: folder, timeout: 100_000 })
    })
  }

  it('has a runnable example in every public module', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

    for (const [name, { import: path }] of Object.entries<{ import: string }>(manifest.exports).filter(
      ([name]) => !['.', './gossip', './package.json'].includes(name)
    )) {
      const source = path.replace(/^\.\/dist\/(.*)\.js$/, '$1.ts')
      assert.ok(
        examples.some(({ file }) => file.startsWith(nameOf(source))),
        `${name} has none`
      )
    }
  })

  it('shows of the simulator what it prints', async () => {
    const shown = documents.flatMap(document => [
      ...readFileSync(join(root, document), 'utf8').matchAll(/```console\n\$ npx gossip-peer (sim .*)\n([\s\S]*?)```/g)
    ])
    const lines = (text: string) => text.split('\n').filter(line => !line.startsWith('took '))
    assert.ok(shown.length > 0)

    for (const [, args, output] of shown) {
      const { stdout } = await run(process.execPath, [join(root, 'dist/bin/gossip-peer.js'), ...args.split(' ')])
      assert.deepEqual(lines(stdout), lines(output), args)
    }
  })

  it('names no file that is not there', () => {
    for (const document of documents) {
      const links = [...readFileSync(join(root, document), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)]

      for (const [, link] of links) {
        assert.ok(existsSync(resolve(root, document, '..', link)), `${document}: ${link}`)
      }
    }
  })
})

describe('the existing app with a few more lines', function () {
  this.timeout(60_000)

  it('greets random members, knows how often all were greeted, and finds the way to a point', async () => {
    const { stdout } = await run(process.execPath, [join(root, 'dist/examples/existing-app.js')], { timeout: 50_000 })
    const lines = stdout.trim().split('\n')
    const [greetings, [greeted, way]] = [lines.slice(0, -2), lines.slice(-2)]
    assert.equal(greetings.length, 8)
    assert.equal(greeted, '8 peers, greeted 8 times in all')
    assert.match(way, /^arrived at 2,1 by way of 0,0 -> .*2,1$/)

    for (const greeting of greetings) {
      assert.match(greeting, /^\w{6} says: hello, \w{6}$/)
    }
  })
})
