import { CliError } from '../errors.ts';
import { INSTALL_DIR, LEAST_NODE } from './constants.ts';
import { NODE_BUILDS, NODE_VERSION, type PinnedPackage } from './pinned-packages.ts';
import { type HostFacts, usableNode } from './probe.ts';

/** The Node that will run the agent on a host. */
export interface HostNode {
  /** Where it is, or will be, as a person reads it. */
  readonly path: string;
  /** What has to be brought first; undefined when the host has one that will do. */
  readonly build: PinnedPackage | undefined;
  /** A Node of the host that is too old for the agent. */
  readonly oldNode: string | undefined;
}

/** Why no official build will do there; undefined when one does. */
function withoutBuild({ platform, arch, musl }: HostFacts): string | undefined {
  if (musl) return 'No official build of Node.js is made for its C library (musl)';
  if (NODE_BUILDS[`${platform}-${arch}`]) return undefined;
  return `No official build of Node.js ${NODE_VERSION} is there to be brought for its platform (${platform}-${arch})`;
}

/**
 * The first Node of the host that is new enough, else the official build for it.
 * @throws CliError `install` when neither is to be had
 */
export function hostNode(facts: HostFacts, host: string): HostNode {
  const path = usableNode(facts);
  const oldNode = facts.nodes[0]?.path;
  if (path !== undefined) return { path, build: undefined, oldNode };
  const why = withoutBuild(facts);
  const build = NODE_BUILDS[`${facts.platform}-${facts.arch}`];
  if (why === undefined) return { path: `~/${INSTALL_DIR}/node-${NODE_VERSION}/bin/node`, build, oldNode };
  const found = facts.nodes.map((node) => `${node.version} at ${node.path}`).join(', ') || 'none';
  throw new CliError(
    'install',
    `${host} has no Node.js ${LEAST_NODE} or newer (found: ${found}). ${why}: install Node.js there yourself, by its system's packages or by nvm, fnm or mise; then run this again`,
  );
}
