import { expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ArtifactDamaged } from '#ledger/artifacts.js';
import { HttpArtifacts } from '#store/http-artifacts.js';
import { HttpService } from '#store/http-service.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { MemoryLog } from '#store/memory-log.js';
import { artifactsContract } from './artifacts.contract.js';
import { serveDoors, type ServedDoors } from './served.js';

let doors: ServedDoors;

artifactsContract(
  'the artifacts of a service over HTTP',
  async () => {
    doors = await serveDoors(new MemoryLog(), new MemoryArtifacts());
    return new HttpArtifacts(new HttpService(doors.url, undefined));
  },
  () => doors.close(),
);

it('does not take other bytes than the name promises', async () => {
  const server = createServer((_request, response) => void response.end('other'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const got = new HttpArtifacts(new HttpService(url, undefined)).get('0'.repeat(64));
  await expect(got).rejects.toThrow(ArtifactDamaged);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
