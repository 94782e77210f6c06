import { serviceDependencies } from '@libp2p/interface'
import { ParameterError } from '../gossip/parameters.ts'
import { UNDERLAY_CAPABILITY } from '../live/underlay.ts'
import { type OverlayComponents, OverlayService } from './service.ts'
import type { OverlaySettings, OverlaySettingsInit } from './settings.ts'
import type { Space } from './space.ts'

/** What a proximity overlay needs of the service that keeps a peer's coordinate. */
export interface CoordinateSource {
  readonly coordinate: { readonly position: readonly number[]; readonly height: number }
  addEventListener(type: 'coordinate:change', listener: () => void): void
  removeEventListener(type: 'coordinate:change', listener: () => void): void
}

/** The components of a proximity overlay. libp2p puts services there by their names. */
export interface ProximityComponents extends OverlayComponents {
  vivaldi: CoordinateSource
}

/** How a proximity overlay is set up: where a peer is, its coordinate says. */
export interface ProximityOverlayInit extends Omit<OverlaySettingsInit<number[]>, 'position'> {
  /** Those of the coordinates, without the height, from 1 to 16. Default: 8. */
  dimensions?: number
}

/** An overlay in the space of latencies: its peer is where the coordinate service says, and goes along as that changes. */
export class ProximityOverlay extends OverlayService<number[], never> {
  override readonly [serviceDependencies]: string[] = [UNDERLAY_CAPABILITY, '@gossip-peer/vivaldi']
  private readonly coordinates: ProximityComponents
  private readonly follow = () => {
    const { position, height } = coordinatesOf(this.coordinates).coordinate
    this.shift([...position, height])
  }

  constructor(components: ProximityComponents, space: Space<number[], never>, settings: OverlaySettings<number[]>) {
    super(components, space, settings)
    this.coordinates = components
  }

  /** @throws ParameterError when there is no coordinate service of the right name, or of other dimensions */
  override start(): void {
    if (this.isStarted()) {
      return
    }

    const vivaldi = coordinatesOf(this.coordinates)
    const dimensions = vivaldi.coordinate.position.length
    // a position has a number more, the height
    const wanted = this.position.length - 1

    if (dimensions !== wanted) {
      throw new ParameterError(
        'dimensions',
        `${wanted} of the overlay, ${dimensions} of the coordinates: must be the same`
      )
    }

    this.follow()
    super.start()
    vivaldi.addEventListener('coordinate:change', this.follow)
  }

  override async stop(): Promise<void> {
    if (this.isStarted()) {
      this.coordinates.vivaldi.removeEventListener('coordinate:change', this.follow)
    }

    await super.stop()
  }
}

function coordinatesOf(components: ProximityComponents): CoordinateSource {
  const source = sourceIn(components)

  if (source?.coordinate == null) {
    throw new ParameterError('services', 'coordinates must have the name "vivaldi", as in { vivaldi: vivaldi(), ... }')
  }

  return source
}

function sourceIn(components: ProximityComponents): CoordinateSource | undefined {
  try {
    return components.vivaldi
  } catch {
    // libp2p throws where it has no component of a name
    return undefined
  }
}
