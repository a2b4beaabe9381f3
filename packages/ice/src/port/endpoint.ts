/** One local address of the port in one protocol. */
export interface Endpoint {
  readonly transport: 'udp' | 'tcp';
  /** IP address as text. */
  readonly address: string;
  readonly port: number;
}
