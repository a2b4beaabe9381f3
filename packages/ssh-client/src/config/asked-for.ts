import type { SshOptions } from './options.ts';

const isOn = (value: string): boolean => !/^(no|false|none|)$/i.test(value);
const always = (): boolean => true;

/** What ssh does beside the session itself, by keyword: its name, and which values ask for it. */
const BESIDE: ReadonlyMap<string, readonly [name: string, asks: (value: string) => boolean]> = new Map([
  ['localforward', ['LocalForward', always]],
  ['remoteforward', ['RemoteForward', always]],
  ['dynamicforward', ['DynamicForward', always]],
  ['forwardagent', ['ForwardAgent', isOn]],
  ['forwardx11', ['ForwardX11', isOn]],
  ['tunnel', ['Tunnel', isOn]],
  ['sessiontype', ['SessionType', (value) => !/^default$/i.test(value)]],
  ['forkafterauthentication', ['ForkAfterAuthentication', isOn]],
]);

/** What a configuration asks for that is done by ssh alone, by the keywords of ssh_config(5), in its order. */
export const askedForBeside = (options: SshOptions): string[] => {
  const first = (keyword: string): string => options.get(keyword)?.[0] ?? '';
  const cleared = isOn(first('clearallforwardings'));
  const names = [...BESIDE].flatMap(([keyword, [name, asks]]) => {
    const isForward = asks === always;
    return options.has(keyword) && asks(first(keyword)) && !(isForward && cleared) ? [name] : [];
  });
  const runsLocally = isOn(first('permitlocalcommand')) && isOn(first('localcommand'));
  return runsLocally ? [...names, 'LocalCommand'] : names;
};
