import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../src/command-line.ts';
import { asConfigured, describeBeside } from '../src/ssh/as-configured.ts';

const parse = (...args: string[]) => {
  const invocation = parseCommandLine([...args], '1.0.0');
  if (invocation.action !== 'connect') throw new Error('It is a connection');
  return invocation;
};
const CONFIG = { requestTty: 'force', remoteCommand: 'cd /srv && exec bash' } as const;

describe('a connection that ssh_config has a say in', () => {
  it('runs its RemoteCommand and takes its RequestTTY', () => {
    const asked = asConfigured(parse('box'), CONFIG);
    expect(asked).toMatchObject({ command: ['sh', '-c', 'cd /srv && exec bash'], terminal: 'force' });
  });

  it('is what the command line says, where it says anything', () => {
    expect(asConfigured(parse('-T', 'box', '--', 'ls'), CONFIG)).toMatchObject({
      command: ['ls'],
      terminal: 'never',
    });
    expect(asConfigured(parse('--attach', '3', 'box'), CONFIG)).toMatchObject({ command: [], attach: 3 });
  });

  it('names in one line what only ssh does', () => {
    expect(describeBeside({ host: 'box', beside: [] })).toBeUndefined();
    const line = describeBeside({ host: 'box', beside: ['LocalForward', 'ForwardAgent', 'ForwardX11'] });
    expect(line).toContain('LocalForward, ForwardAgent and ForwardX11, which ouro does not do');
  });
});
