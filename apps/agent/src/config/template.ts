/** What `init` writes: every setting, commented out with its default. */
export const CONFIG_TEMPLATE = `# The config of ouro-agent. Every line that is commented out shows a default.

[net]
# Where offers are taken over HTTP. 127.0.0.1 is this machine only; port 0 is any free one.
# http_server = "127.0.0.1:7777"
# The port of connections, UDP and TCP, on every address of this machine: the number of http_server unless it is set.
# 0 is any free one; "off" gives each connection UDP ports of its own. To be reached from outside, open it in the firewall.
# ice_port = 7777
# Those UDP ports; setting them turns the one port off. An example:
#   udp_port_min = 60000
#   udp_port_max = 61000
# The address, or a list of them, at which a router forwards ice_port to this machine. An example:
#   public_address = "203.0.113.7"
# The web servers before this agent whose X-Forwarded-For, -Proto and -Host are believed: an address, a network as
# "10.0.0.0/8", "loopback", "linklocal", "uniquelocal", or a list of them; [] is none.
# trusted_proxies = "loopback"
# HTTPS in place of HTTP: PEM files, taken over again when they change; a relative path is below this directory. An example:
#   tls_cert = "tls/cert.pem"
#   tls_key = "tls/key.pem"

[log]
# trace, debug, info, warn, error or fatal
# level = "info"
# A relative path is below the state directory.
# file = "agent.log"

[timeouts]
# In milliseconds. How long a client may take to answer for its clipboard, at most 10000.
# ack = 10000
# disconnect = 5000
# failed = 60000
# How long an answer waits for a STUN or TURN server once it has an address of this machine.
# ice_gathering = 500

[limits]
# peers = 64
# peers_per_fingerprint = 16
# panes = 256

# Added to the environment of every pane.
[env]
# EDITOR = "vim"
# Which variables a client may set in its panes, as sshd's AcceptEnv: * is any text.
# accept = ["LANG", "LC_*", "COLORTERM", "TERM"]

# A STUN or TURN server, as often as needed. None is asked unless it is named here.
# [[ice_servers]]
# urls = "stun:stun.example.org:3478"
# [[ice_servers]]
# urls = ["turn:turn.example.org", "turns:turn.example.org:443?transport=tcp"]
# username = "name"
# password = "password"
# Instead of both: the secret that the TURN server shares with us (coturn: use-auth-secret). Credentials are made
# from it for each client, and are good for so many seconds.
# secret = "secret"
# ttl = 3600
`;
