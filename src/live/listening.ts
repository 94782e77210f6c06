import type { Libp2pEvents, TypedEventTarget } from '@libp2p/interface'
import type { AddressManager } from '@libp2p/interface-internal'

export interface ListeningComponents {
  addressManager: AddressManager
  events: TypedEventTarget<Libp2pEvents>
}

/** Resolves when libp2p listens, if it is to: before, there is no address to tell. False: the signal was aborted first. */
export async function isListening(
  { addressManager, events }: ListeningComponents,
  signal: AbortSignal
): Promise<boolean> {
  if (signal.aborted) {
    return false
  }

  if (addressManager.getListenAddrs().length === 0 || addressManager.getAddresses().length > 0) {
    return true
  }

  return await new Promise(resolve => {
    const end = (listens: boolean) => {
      events.removeEventListener('transport:listening', onListening)
      signal.removeEventListener('abort', onAbort)
      resolve(listens)
    }
    const onListening = () => end(true)
    const onAbort = () => end(false)
    events.addEventListener('transport:listening', onListening)
    signal.addEventListener('abort', onAbort)
  })
}
