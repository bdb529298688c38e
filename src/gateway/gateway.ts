import {
  logVerbosity,
  Server,
  ServerCredentials,
  setLogVerbosity,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import gossip, { type ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import gossipService from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import features, { type SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';
import featuresService from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import groupsService from '@eventstore/db-client/generated/persistent_grpc_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { Log } from '#ledger/log.js';
import type { Clock, Ids } from '#ledger/ports.js';
import { appendCall } from './append-call.js';
import { Appending } from './appending.js';
import { BatchAppendCall } from './batch-append-call.js';
import { Calls, type Admit } from './calls.js';
import type { GroupBook } from './domain/groups.js';
import { GroupCalls } from './group-calls.js';
import { Groups } from './groups.js';
import { readCall } from './read-call.js';
import { Refusal } from './refusal.js';
import { sinceEpochMs, uuidOf } from './wire.js';

/** The version whose protocol is spoken. */
const VERSION = '23.10.0';
const MOST_MESSAGE_BYTES = 4 * 1024 * 1024;
const LEADER = 8;
/** Ended calls are told so before their connections are cut. */
const GRACE_MS = 1000;

/** Certificate chain and private key, in PEM. */
export type Tls = Readonly<{ cert: Buffer; key: Buffer }>;
/** `tls` may be left out only where nobody but this machine can listen in. */
export type GatewayOptions = Readonly<{ host: string; port: number; tls?: Tls }>;
/** What the gateway serves, by which clock and ids it writes for others, and where it keeps their groups. */
export type Served = Readonly<{ log: Log; clock: Clock; ids: Ids; book: GroupBook }>;

/** Of the calls about groups, those that are served, over streams and over everything. */
const OF_GROUPS = ['create', 'delete', 'read', 'getInfo'] as const;

const supportedMethods = (): SupportedMethods => {
  const supported = new features.SupportedMethods().setEventStoreServerVersion(VERSION);
  const add = ({ path }: Readonly<{ path: string }>, featuresOf: string[]): void => {
    const [, service = '', method = ''] = path.toLowerCase().split('/');
    const one = new features.SupportedMethod().setServiceName(service).setMethodName(method);
    supported.addMethods(one.setFeaturesList(featuresOf));
  };
  for (const method of Object.values(streamsService.StreamsService as ServiceDefinition)) add(method, []);
  for (const name of OF_GROUPS) add(groupsService.PersistentSubscriptionsService[name], ['stream', 'all']);
  return supported;
};

/** The one member of this cluster, at the address by which the client has found it. */
const clusterInfo = (authority: string, instance: string, now: string): ClusterInfo => {
  const colon = authority.lastIndexOf(':');
  const endPoint = new gossip.EndPoint().setAddress(authority.slice(0, colon));
  endPoint.setPort(Number(authority.slice(colon + 1)));
  const member = new gossip.MemberInfo().setInstanceId(uuidOf(instance)).setTimeStamp(String(sinceEpochMs(now)));
  member.setState(LEADER).setIsAlive(true).setHttpEndPoint(endPoint);
  return new gossip.ClusterInfo().setMembersList([member]);
};

const refused = (_call: ServerUnaryCall<unknown, unknown>, send: sendUnaryData<never>): void =>
  send(Refusal.denied('nothing is deleted from this log, and no stream is ended'));

/** Nothing can listen at the address that was asked for. */
export class CannotListen extends Error {
  override readonly name = 'CannotListen';
}

/** The embedded log, served over the event_store.client gRPC protocol, so that clients made for that can use it. */
export class Gateway {
  private constructor(
    private readonly options: GatewayOptions,
    readonly port: number,
    private readonly server: Server,
    private readonly calls: Calls,
    private readonly groups: Groups,
  ) {}

  /** @throws CannotListen */
  static async start(options: GatewayOptions, { log, clock, ids, book }: Served, admit: Admit): Promise<Gateway> {
    const { host, port, tls } = options;
    // What goes wrong is told by the errors that it throws.
    setLogVerbosity(logVerbosity.NONE);
    const calls = new Calls(admit);
    const appending = new Appending(log, clock);
    const groups = await Groups.open(log, book);
    const server = new Server({ 'grpc.max_receive_message_length': MOST_MESSAGE_BYTES });
    server.addService(streamsService.StreamsService, {
      read: readCall(log, ids, calls),
      append: appendCall(appending, calls),
      batchAppend: BatchAppendCall.handle(appending, clock, calls),
      delete: refused,
      tombstone: refused,
    });
    const { create, delete: forget, getInfo, read } = new GroupCalls(groups, calls, ids);
    server.addService(groupsService.PersistentSubscriptionsService, { create, delete: forget, getInfo, read });
    const supported = supportedMethods();
    server.addService(featuresService.ServerFeaturesService, {
      getSupportedMethods: (_call: unknown, send: sendUnaryData<SupportedMethods>) => send(null, supported),
    });
    const instance = ids.next();
    server.addService(gossipService.GossipService, {
      read: (call: ServerUnaryCall<unknown, ClusterInfo>, send: sendUnaryData<ClusterInfo>) =>
        send(null, clusterInfo(call.getHost(), instance, clock.now())),
    });
    const credentials = tls
      ? ServerCredentials.createSsl(null, [{ private_key: tls.key, cert_chain: tls.cert }])
      : ServerCredentials.createInsecure();
    const address = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
    const bound = await new Promise<number>((resolve, reject) =>
      server.bindAsync(`${address}:${port}`, credentials, (error, got) =>
        error
          ? reject(
              new CannotListen(
                `the gateway cannot listen at ${address}:${port} (${error.message}); another port may be free`,
              ),
            )
          : resolve(got),
      ),
    );
    return new Gateway(options, bound, server, calls, groups);
  }

  /** The connection string, with another name for the host where it is bound to all. */
  address(host = this.options.host): string {
    const { tls } = this.options;
    return `esdb://${host}:${this.port}${tls ? '' : '?tls=false'}`;
  }

  /** Ends every call; what was acknowledged is kept. */
  async stop(): Promise<void> {
    this.calls.endAll();
    const stopped = new Promise<void>((resolve) => this.server.tryShutdown(() => resolve()));
    const cut = setTimeout(() => this.server.forceShutdown(), GRACE_MS).unref();
    await stopped;
    clearTimeout(cut);
    await this.groups.close();
  }
}
