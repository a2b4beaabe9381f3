/** Longest wait for the browser or for what a page shows, in ms: a busy machine starts Chromium in 5 s. */
export const BROWSER_TIMEOUT_MS = 60_000;

/** Time of one test with a browser, in ms: several waits that are long on a busy machine. */
export const BROWSER_TEST_MS = 120_000;

/** WebRTC without UDP, as behind a firewall that drops it: the browser opens no UDP socket, and dials TCP. */
export const WITHOUT_UDP = [
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--webrtc-ip-handling-policy=disable_non_proxied_udp',
] as const;

/** The window that pages are opened in, in CSS pixels. */
export const WINDOW = { width: 1000, height: 640 } as const;

/**
 * Nothing of the user's, nothing from the network, and no other transport than the one under test. The sandbox needs
 * user namespaces, which containers and root do not have; the pages are our own.
 */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
] as const;
