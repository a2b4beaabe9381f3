/** The floor of each package. turbo boundaries lets a package without a tag import what it likes. */
const FLOORS = [
  [/^packages\/(base|webrtc-types)$/, 'base'],
  [/^packages\/signaling$/, 'signaling'],
  [/^packages\/(fingerprint|control|stun)$/, 'ground'],
  [/^packages\/(ice|dtls|sctp|negotiation|session|ssh-client)$/, 'stack'],
  [/^packages\/peer$/, 'peer'],
  [/^packages\/test-kit$/, 'test-kit'],
  [/^packages\/transport-[a-z]+$/, 'transport'],
  [/^packages\/e2e$/, 'lab'],
  // The client carries the agent's package, to install it on a host; it imports nothing of it (biome.json).
  [/^apps\/cli$/, 'client'],
  [/^apps\/[a-z]+$/, 'app'],
];

/** Packages whose turbo.json does not have the one tag of their floor. */
export function tagFaults(workspace) {
  return workspace.flatMap(({ folder, tags }) => {
    const floor = FLOORS.find(([pattern]) => pattern.test(folder))?.[1];
    if (floor === undefined) return [`${folder} has no floor in scripts/walls/tags.mjs`];
    return tags.length === 1 && tags[0] === floor
      ? []
      : [`${folder}/turbo.json must have the one tag "${floor}"`];
  });
}
