import { NOBODY } from '../../gossip/exchange.ts'
import type { SimulatedProtocol, SizedMessage } from '../driver.ts'

/** Of a protocol that is not to run: nobody ever has a partner. */
export function silenced<M extends SizedMessage>(protocol: SimulatedProtocol<M>): SimulatedProtocol<M> {
  return {
    createMessage: () => protocol.createMessage(),
    partner: () => NOBODY,
    anotherPartner: () => NOBODY,
    request: () => {},
    respond: () => false,
    absorb: () => {},
    abandon: () => {}
  }
}
