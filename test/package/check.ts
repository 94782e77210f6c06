// What a user gets: packs the package, installs the tarball into an empty folder, starts the installed command, and
// compiles a TypeScript consumer of every export with `skipLibCheck: false`. Run with: npm run check:package
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

interface Manifest {
  name: string
  version: string
  exports: Record<string, unknown>
  devDependencies: Record<string, string>
}

const root = resolve(import.meta.dirname, '../../..')
const manifest: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'gossip-peer-package-'))

function run(command: string, args: string[], cwd = folder): string {
  console.log(`$ ${command} ${args.join(' ')}`)
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Imports every export, and uses the main one as an app would. */
function consumer(): string {
  const parts = Object.keys(manifest.exports).filter(path => path !== './package.json')
  const names = parts.map((_, i) => `part${i}`)

  return [
    ...parts.map((path, i) => `import * as ${names[i]} from '${path.replace('.', manifest.name)}'`),
    `import { peerSampling } from '${manifest.name}'`,
    `import { createLibp2p } from 'libp2p'`,
    `const node = await createLibp2p({ services: { sampling: peerSampling({ profile: 'local', view: 20 }) } })`,
    'const size: number = node.services.sampling.view.length',
    'await node.stop()',
    `for (const part of [${names.join(', ')}]) { if (Object.keys(part).length === 0) throw new Error('an empty export') }`,
    `console.log('consumer', size)`
  ].join('\n')
}

async function startInstalled(): Promise<void> {
  const peer = spawn(
    join(folder, 'node_modules/.bin/gossip-peer'),
    ['--bootstrap', '--ephemeral', '--json', '--listen', '/ip4/127.0.0.1/tcp/0'],
    { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] }
  )
  const [line] = (await once(createInterface(peer.stdout), 'line', { signal: AbortSignal.timeout(30_000) })) as [string]
  assert.equal(JSON.parse(line).event, 'started')
  peer.kill('SIGTERM')
  const [code] = await once(peer, 'exit')
  assert.equal(code, 0, 'the installed command ends with 0 when told to')
}

try {
  const [{ filename }] = JSON.parse(
    run('npm', ['pack', '--json', '--pack-destination', folder], root).replace(/^[^[]*/, '')
  )
  const types = ['typescript', '@types/node'].map(name => `${name}@${manifest.devDependencies[name]}`)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
  run('npm', ['install', '--no-audit', '--no-fund', join(folder, filename), 'libp2p', ...types])

  assert.equal(run(join(folder, 'node_modules/.bin/gossip-peer'), ['--version']).trim(), manifest.version)
  await startInstalled()

  const source = `${manifest.name}/peer`
  writeFileSync(join(folder, 'consumer.ts'), `import '${source}'\n${consumer()}\n`)
  const options = '--strict --skipLibCheck false --module nodenext --target es2024 --types node'.split(' ')
  run(join(folder, 'node_modules/.bin/tsc'), [...options, 'consumer.ts'])
  run(process.execPath, ['consumer.js'])
  console.log('the package is sound')
} finally {
  rmSync(folder, { recursive: true, force: true })
}
