/** Where the clients' payload is kept: a JSON text of theirs, empty if none. */
export interface PayloadStore {
  get(): Promise<string> | string;
  set(payload: string): Promise<void> | void;
}
