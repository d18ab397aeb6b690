import { Tally } from '../tally.js';
export async function runClients(): Promise<Tally> {
  return new Tally();
}
