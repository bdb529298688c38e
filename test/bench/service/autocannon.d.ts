declare module 'autocannon' {
  import type { EventEmitter } from 'node:events';

  export type Client = EventEmitter & { setRequests(requests: readonly { method: 'GET'; path: string }[]): void };
  export type Result = Readonly<{ non2xx: number; errors: number; timeouts: number; duration: number }>;

  export default function autocannon(
    options: Readonly<{
      url: string;
      connections: number;
      duration: number;
      setupClient: (client: Client) => void;
    }>,
  ): Promise<Result>;
}
