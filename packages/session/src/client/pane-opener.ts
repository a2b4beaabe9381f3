import { REQUEST_TIMEOUT_MS, type StartedRequest } from '@ouro/control';
import type { Abortable } from '@ouro/signaling';
import type { CommandArgs, SessionControl } from '../commands.ts';
import { SessionError } from '../errors.ts';
import { toSessionError } from '../from-control.ts';
import type { ChannelRouter } from './channel-router.ts';
import type { Links } from './links.ts';
import type { Pane } from './pane.ts';
import { PaneLink } from './pane-link.ts';
import { RemotePane } from './remote-pane.ts';
import { within } from './within.ts';

const LATE = 'The channel of the pane did not open in time';

/** What opening a pane works on. */
export interface PaneOpenerOptions {
  control: SessionControl;
  router: ChannelRouter;
  links: Links;
  /** Whether the far end said hello; asked after an ack came, when it is known. */
  saidHello: () => boolean;
  /** A reply to a request after `hello` came. */
  onReply: () => void;
}

/** One request for a pane. */
export type OpenRequest = PaneRequest & OpenSettings;

type PaneRequest =
  | { type: 'add_pane'; args: CommandArgs<'add_pane'> }
  | { type: 'reconnect_pane'; args: CommandArgs<'reconnect_pane'> };

interface OpenSettings extends Abortable {
  /** Known beforehand when reconnecting. */
  paneId?: number;
  /** Undefined = not known. */
  pty: boolean | undefined;
}

/** Asks for panes and brings their replies and channels together. */
export class PaneOpener {
  readonly #options: PaneOpenerOptions;

  constructor(options: PaneOpenerOptions) {
    this.#options = options;
  }

  /** @throws SessionError */
  async open(request: OpenRequest): Promise<Pane> {
    const { control, router, links, saidHello } = this.#options;
    const { paneId } = request;
    const link = new PaneLink(saidHello, (known) => links.identified(known));
    const started = begin(control, request);
    router.claim(started.id, link);
    links.add(link);
    if (paneId !== undefined) link.identify(paneId);
    const release = () => {
      router.release(started.id);
      links.delete(link);
    };
    link.settled.then(release);
    try {
      return await this.#complete(request, started, link);
    } catch (error) {
      const { exit } = link;
      const failure = toSessionError(error, 'The agent');
      link.end(failure);
      link.close();
      if (!exit || failure.code !== 'refused') throw failure;
      throw new SessionError('exited', 'The process of this pane has ended', { exit, cause: error });
    }
  }

  async #complete({ signal, pty }: OpenRequest, started: StartedRequest, link: PaneLink): Promise<Pane> {
    const { control, saidHello, onReply } = this.#options;
    const body = await started.reply;
    onReply();
    const id = Number(body);
    if (!/^[0-9]{1,15}$/.test(body)) {
      throw new SessionError('bad-message', 'The agent answered with no pane id');
    }
    link.identify(id);
    const channel = await within(link.arrived, { signal, late: LATE, timeoutMs: REQUEST_TIMEOUT_MS });
    if (link.paneId !== id)
      throw new SessionError('bad-message', 'The agent opened a channel of another pane');
    if (pty || !saidHello()) link.stderr.end();
    return new RemotePane({ id, link, channel, control, saidHello: saidHello(), pty });
  }
}

function begin(control: SessionControl, request: OpenRequest): StartedRequest {
  const { signal } = request;
  try {
    return request.type === 'add_pane'
      ? control.begin(request.type, request.args, { signal })
      : control.begin(request.type, request.args, { signal });
  } catch (error) {
    throw toSessionError(error, 'The agent');
  }
}
