import type { IncomingMessage } from 'node:http';

/** A message of an event stream (text/event-stream). */
export type ServerEvent = Readonly<{ event: string; data: string }>;

const messageOf = (lines: readonly string[]): ServerEvent | undefined => {
  let event = 'message';
  const data: string[] = [];
  for (const line of lines) {
    const [, field, value = ''] = /^([a-z]+): ?(.*)$/s.exec(line) ?? [];
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
  }
  return data.length > 0 ? { event, data: data.join('\n') } : undefined;
};

/** Messages as they come; comments and reconnection times are left out, and what breaks off is no message. */
export async function* serverEvents(response: IncomingMessage): AsyncGenerator<ServerEvent> {
  response.setEncoding('utf8');
  let rest = '';
  let lines: string[] = [];
  for await (const chunk of response) {
    const parts = (rest + (chunk as string)).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      if (line !== '') {
        lines.push(line);
        continue;
      }
      const message = messageOf(lines);
      lines = [];
      if (message) yield message;
    }
  }
}
