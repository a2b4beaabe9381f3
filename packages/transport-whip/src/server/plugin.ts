import type { IncomingMessage } from 'node:http';
import { SignalingError } from '@ouro/signaling';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { readBody } from './body.ts';
import { postConnect } from './connect-route.ts';
import { CLOSE_TIMEOUT_MS, MAX_CONNECT_BODY_BYTES } from './constants.ts';
import { countRequest, createContext, type ServerContext } from './context.ts';
import { corsHeaders, replyOptions } from './cors.ts';
import { bearerOf, challenge } from './gate.ts';
import { postOffer } from './offer-route.ts';
import type { WhipServerOptions } from './options.ts';
import { patchSession } from './patch.ts';
import { HttpError, sendProblem } from './problem.ts';
import type { ServerSession } from './session.ts';

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown;
type Methods = Partial<Record<'GET' | 'POST' | 'PATCH' | 'DELETE', { before?: Handler; handle: Handler }>>;

/**
 * WHIP (RFC 9725) for data channels: `POST` at `path` opens a session, which is handed to `onSession` once its sender
 * is authorized. See {@link WhipServerOptions}.
 */
export const whipServer = fastifyPlugin<WhipServerOptions>(
  async (fastify, options) => {
    const server = createContext(options);
    // A scope of its own: its parser of bodies and its form of errors must not reach the routes beside it.
    await fastify.register(async (scope) => addRoutes(scope, server));
    fastify.addHook('preClose', () => server.sessions.endAll());
    fastify.addHook('onClose', () => settleHandlers(server));
  },
  { name: '@ouro/transport-whip', fastify: '5.x' },
);

function addRoutes(scope: FastifyInstance, server: ServerContext): void {
  const { path = '/offer', connectPaths = [], origins = '*' } = server.options;
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (request: FastifyRequest, payload: IncomingMessage) => {
    const isConnect = connectPaths.includes(request.routeOptions.url ?? '');
    const maxBytes = isConnect ? MAX_CONNECT_BODY_BYTES : server.limits.maxBodyBytes;
    return readBody(payload, { maxBytes, timeoutMs: server.limits.bodyTimeoutMs }, server.clock);
  });
  scope.setErrorHandler((thrown, request, reply) => {
    if (thrown instanceof SignalingError && thrown.code === 'unauthorized') challenge(request, reply);
    return sendProblem(reply, thrown);
  });
  scope.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    corsHeaders(request, reply, origins);
  });
  const count =
    (kind: 'post' | 'patch' | 'delete'): Handler =>
    (request) =>
      countRequest(server, kind, request);
  addResource(scope, path, {
    GET: { handle: noContent },
    POST: { before: count('post'), handle: (request, reply) => postOffer(server, request, reply) },
  });
  for (const connectPath of connectPaths) {
    const handle: Handler = (request, reply) => postConnect(server, request, reply);
    addResource(scope, connectPath, { POST: { before: count('post'), handle } });
  }
  // A session URL is a capability, and Fastify logs the URL of each request at `info`.
  addResource(scope, `${server.sessionPath}/:id`, sessionMethods(server, count), 'warn');
}

function sessionMethods(server: ServerContext, count: (kind: 'patch' | 'delete') => Handler): Methods {
  const counted =
    (kind: 'patch' | 'delete'): Handler =>
    (request, reply) => {
      count(kind)(request, reply);
      sessionOf(server, request);
    };
  return {
    GET: { before: (request) => sessionOf(server, request), handle: noContent },
    PATCH: {
      before: counted('patch'),
      handle: (request, reply) => patchSession(sessionOf(server, request), request, reply),
    },
    DELETE: {
      before: counted('delete'),
      handle: (request, reply) => {
        sessionOf(server, request).end(new SignalingError('closed', 'The client ended the session'));
        return reply.code(200).send();
      },
    },
  };
}

/** The session of the URL. @throws SignalingError `not-found`; `unauthorized` without the token that opened it */
function sessionOf(server: ServerContext, request: FastifyRequest): ServerSession {
  const { params } = request;
  const id = typeof params === 'object' && params !== null && 'id' in params ? params.id : undefined;
  const session = typeof id === 'string' ? server.sessions.get(id) : undefined;
  if (session === undefined)
    throw new SignalingError(
      'not-found',
      'There is no such session: it has ended, or never was; open a new one',
    );
  if (!session.admits(bearerOf(request))) {
    throw new SignalingError(
      'unauthorized',
      'This session was opened with a bearer token; send the same one',
    );
  }
  return session;
}

/** One URL with all its methods: HEAD as GET, OPTIONS for browsers, 405 with Allow for the rest. */
function addResource(scope: FastifyInstance, url: string, methods: Methods, logLevel?: 'warn'): void {
  const common = { url, exposeHeadRoute: false, ...(logLevel ? { logLevel } : {}) };
  const allowed = [...Object.keys(methods), ...(methods.GET ? ['HEAD'] : []), 'OPTIONS'];
  for (const [method, { before, handle }] of Object.entries(methods)) {
    const onRequest =
      before && (async (request: FastifyRequest, reply: FastifyReply) => void before(request, reply));
    scope.route({
      ...common,
      method: method === 'GET' ? ['GET', 'HEAD'] : method,
      ...(onRequest ? { onRequest } : {}),
      handler: asHandler(handle),
    });
  }
  scope.route({
    ...common,
    method: 'OPTIONS',
    handler: asHandler((request, reply) => replyOptions(request, reply, allowed)),
  });
  const others = scope.supportedMethods.filter((method) => !allowed.includes(method));
  const refuse = async () => {
    throw new HttpError('bad-message', `This URL knows ${allowed.join(', ')}`, 405, {
      allow: allowed.join(', '),
    });
  };
  scope.route({ ...common, method: others, onRequest: refuse, handler: asHandler(noContent) });
}

function asHandler(handle: Handler): RouteHandlerMethod {
  return async (request, reply) => handle(request, reply);
}

/** GET and HEAD succeed and say nothing (RFC 9725 section 4.2). */
function noContent(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.code(204).send();
}

async function settleHandlers(server: ServerContext): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = server.clock.after(CLOSE_TIMEOUT_MS, resolve, { unref: true });
  await Promise.race([Promise.allSettled(server.handlers), promise]);
  cancel();
}
