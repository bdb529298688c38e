import { get } from 'node:http';
import type { ServiceProcess } from '../../e2e/service-process.js';
import { spreadOf, type Spread } from './measure.js';

export type FanOut = Readonly<{ clients: number; deliveries: number; delayMs: Spread }>;

/** One client, which hears of each token issued. Resolves once it is connected. */
const follow = (url: string, heard: () => void): Promise<() => void> =>
  new Promise((resolve, reject) => {
    const request = get(new URL('/v1/events', url), (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        const whole = text.lastIndexOf('\n\n');
        for (const _ of text.slice(0, whole + 1).matchAll(/"type":"TokenIssued"/g)) heard();
        text = text.slice(whole + 1);
      });
      response.once('data', () => resolve(() => request.destroy()));
      response.on('error', () => undefined);
    });
    request.on('error', reject);
  });

/** How long after the command that caused it each of many readers has a record. */
export const measureFanOut = async (service: ServiceProcess, clients: number, records: number): Promise<FanOut> => {
  const delaysMs: number[] = [];
  let asked = 0;
  let wake: () => void = () => undefined;
  const heard = (): void => {
    delaysMs.push(performance.now() - asked);
    if (delaysMs.length % clients === 0) wake();
  };
  const ends = await Promise.all(Array.from({ length: clients }, () => follow(service.url, heard)));
  const token = await service.secret();
  for (let record = 0; record < records; record += 1) {
    const everybody = new Promise<void>((resolve) => (wake = resolve));
    asked = performance.now();
    const body = { name: `reader-${process.pid}-${record}`, roles: ['viewer'], hours: 1 };
    const { status, text } = await service.post('/v1/tokens', body, { token });
    if (status !== 201) throw new Error(`token: ${status} ${text}`);
    await everybody;
  }
  for (const end of ends) end();
  return { clients, deliveries: delaysMs.length, delayMs: spreadOf(delaysMs) };
};
