import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../../..')

/** Files of the cores, by folder: the rest of the folder is the way to libp2p. */
const CORES: Record<string, string[]> = {
  'src/aggregation': [
    'aggregate.ts',
    'answers.ts',
    'asked.ts',
    'claims.ts',
    'constants.ts',
    'counts.ts',
    'defect.ts',
    'epochs.ts',
    'functions.ts',
    'instances.ts',
    'message.ts',
    'parameters.ts',
    'protocol.ts',
    'results.ts',
    'schema.ts',
    'state.ts'
  ],
  'src/overlay': [
    'candidates.ts',
    'constants.ts',
    'coordinates.ts',
    'euclidean.ts',
    'greedy.ts',
    'line.ts',
    'message.ts',
    'own-space.ts',
    'parameters.ts',
    'peer-index.ts',
    'places.ts',
    'protocol.ts',
    'ring.ts',
    'space.ts',
    'torus.ts'
  ],
  'src/pubsub': [
    'axes.ts',
    'boxes.ts',
    'condition.ts',
    'constants.ts',
    'dissemination.ts',
    'draw-point.ts',
    'entries.ts',
    'entry-search.ts',
    'event.ts',
    'filter-error.ts',
    'filter-index.ts',
    'filter-json.ts',
    'filter-text.ts',
    'filter.ts',
    'grammar.ts',
    'index-axis.ts',
    'index-demand.ts',
    'index-home.ts',
    'index-member.ts',
    'index-places.ts',
    'link-selection.ts',
    'links.ts',
    'members.ts',
    'message.ts',
    'open-points.ts',
    'ordering.ts',
    'predicate.ts',
    'protocol.ts',
    'recent-events.ts',
    'region.ts',
    'thresholds.ts',
    'wide-filters.ts'
  ],
  'src/sampling': [
    'constants.ts',
    'cyclon.ts',
    'generic.ts',
    'message.ts',
    'newscast.ts',
    'parameters.ts',
    'protocol.ts',
    'ranked-slots.ts',
    'ranking.ts',
    'reputations.ts',
    'reserve.ts',
    'sightings.ts',
    'statistics.ts',
    'variants.ts',
    'workspace.ts'
  ],
  'src/vivaldi': [
    'constants.ts',
    'coordinate.ts',
    'filter.ts',
    'landmarks.ts',
    'multilateration.ts',
    'parameters.ts',
    'round-trips.ts',
    'vivaldi.ts'
  ]
}

/** Packages that a core may need: arithmetic and nothing else. */
const ARITHMETIC = ['dfoptim']

interface Source {
  /** From the project's root. */
  path: string
  text: string
  /** Packages, and files from the project's root. */
  imports: string[]
}

const sources: Source[] = ['src', 'bin']
  .flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(name => join(folder, name))
  )
  .filter(path => path.endsWith('.ts') && basename(path) !== 'messages.ts')
  .map(path => {
    const text = readFileSync(join(root, path), 'utf8')
    // what a comment shows is no import
    const code = text.replace(/\/\*[\s\S]*?\*\//g, '')
    const names = [...code.matchAll(/(?:from|import) '([^']+)'/g), ...code.matchAll(/import\('([^']+)'\)/g)]
    const imports = names.map(([, name]) =>
      name.startsWith('.') ? relative(root, resolve(root, dirname(path), name)) : name
    )
    return { path, text: code, imports }
  })

const within = (folder: string) => sources.filter(({ path }) => path.startsWith(`${folder}/`))
const isCore = ({ path }: Source) =>
  path.startsWith('src/gossip/') || CORES[dirname(path)]?.includes(basename(path)) === true

function assertImports(from: Source[], allowed: (name: string) => boolean): void {
  assert.ok(from.length > 0)

  for (const { path, imports } of from) {
    assert.deepEqual(
      imports.filter(name => !allowed(name)),
      [],
      `${path} imports what it must not`
    )
  }
}

describe('the architecture', () => {
  it('has cores that know neither libp2p nor Node nor any package but for arithmetic', () => {
    const core = (name: string) => isCore({ path: name, text: '', imports: [] })
    assertImports(sources.filter(isCore), name => core(name) || ARITHMETIC.includes(name))
  })

  it('has cores that know no other core but that of gossip', () => {
    for (const folder of Object.keys(CORES)) {
      const own = sources.filter(source => isCore(source) && dirname(source.path) === folder)
      assert.equal(own.length, CORES[folder].length, `${folder} lacks a file of its core`)
      assertImports(
        own,
        name => dirname(name) === folder || dirname(name) === 'src/gossip' || ARITHMETIC.includes(name)
      )
    }
  })

  it('has cores without clocks, timers, chance, waiting or words', () => {
    for (const { path, text } of sources.filter(isCore)) {
      const found = /Math\.random|Date\.now|performance\.|setTimeout|setInterval|await |console\./.exec(text)
      assert.equal(found, null, `${path}: ${found?.[0]}`)
    }
  })

  it('has a simulator that looks at the clock for its progress only', () => {
    for (const { path, text } of within('src/sim').filter(({ path }) => path !== 'src/sim/progress.ts')) {
      const found = /Date\.now|performance\.now|setTimeout|setInterval|console\./.exec(text)
      assert.equal(found, null, `${path}: ${found?.[0]}`)
    }
  })

  it('has a simulator that knows nothing but the cores, and a drawing library where it draws', () => {
    const known = (name: string) => name.startsWith('src/sim/') || isCore({ path: name, text: '', imports: [] })
    assertImports(within('src/sim'), name => known(name) || name === 'vega')
    assertImports(
      within('src/sim').filter(({ path }) => !path.startsWith('src/sim/plot/')),
      known
    )
  })

  it('draws nothing from an unseeded source', () => {
    for (const { path, text } of sources) {
      assert.ok(!text.includes('Math.random'), path)
    }
  })

  it('lets services run in a browser: no Node built-in outside of src/peer and bin', () => {
    const services = sources.filter(({ path }) => !path.startsWith('src/peer/') && !path.startsWith('bin/'))
    assertImports(services, name => !name.startsWith('node:'))
  })

  it('imports one way: bin, peer or simulator, services, live and cores, gossip', () => {
    const outside = (folders: string[]) => (name: string) => !folders.some(folder => name.startsWith(`${folder}/`))
    const protocols = Object.keys(CORES)
    assertImports(within('src/gossip'), outside(['src/live', ...protocols, 'src/sim', 'src/peer', 'bin']))
    assertImports(within('src/live'), outside([...protocols, 'src/sim', 'src/peer', 'bin']))

    for (const protocol of protocols) {
      assertImports(within(protocol), outside(['src/sim', 'src/peer', 'bin']))
      // what lies on peer sampling knows its underlay only
      const others = protocols.filter(other => other !== protocol)
      assertImports(within(protocol), outside(others))
    }

    assertImports(within('src/peer'), outside(['src/sim', 'bin']))
    assertImports(
      within('bin'),
      name => name === 'src/gossip/parameters.ts' || outside(['src/gossip', 'src/live'])(name)
    )
  })
})
