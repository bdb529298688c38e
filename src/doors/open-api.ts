import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { BUILD } from './actors.js';

const DESCRIPTION = [
  'A bounded self-improvement loop whose every step is an event that anyone can verify and replay.',
  'Errors are problem+json (RFC 9457). Lists are read page by page: pass `nextCursor` on as `cursor`.',
  'A command with an `Idempotency-Key` is carried out once, however often it is sent.',
].join('\n\n');

/** The contract of all routes at /openapi.json, and a page over it at /docs that loads nothing from elsewhere. */
export const serveDocument = (app: NestFastifyApplication): void => {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('prometheus-ledger')
    .setDescription(DESCRIPTION)
    .setVersion(BUILD.split('/')[1] ?? '')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer' })
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, config), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'prometheus-ledger',
    swaggerOptions: { validatorUrl: null },
  });
};
