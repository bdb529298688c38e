import type { INestApplication } from '@nestjs/common';
import { Admission } from '#access/admission.js';
import { isLoopback } from '#access/binding.js';
import { CannotListen, Gateway, type Tls } from '#gateway/gateway.js';
import { Log } from '#ledger/log.js';
import { Clock, Ids } from '#ledger/ports.js';
import { dataFolder } from '#store/data-folder.js';
import { GroupFile } from '#store/group-file.js';

/** `tls` is needed wherever others than this machine can reach it. */
export type GatewayPlace = Readonly<{ port: number; tls?: Tls }>;

/** Serves the log of an application to clients of an event store, who show the same tokens as over HTTP. */
export const serveGateway = async (
  app: INestApplication,
  data: string,
  host: string,
  { port, tls }: GatewayPlace,
): Promise<Gateway> => {
  if (!tls && !isLoopback(host))
    throw new CannotListen(`the gateway speaks in the clear on loopback only, not at ${host}`);
  const admission = app.get(Admission);
  const admit = (token: string | undefined) => admission.whoIs(token === undefined ? undefined : `Bearer ${token}`);
  const served = {
    log: app.get(Log),
    clock: app.get(Clock),
    ids: app.get(Ids),
    book: new GroupFile(dataFolder(data).groups),
  };
  return Gateway.start({ host, port, ...(tls && { tls }) }, served, admit);
};
