/** What `init` writes: every setting, commented out with its default. */
export const CONFIG_TEMPLATE = `# The config of ouro-agent. Every line that is commented out shows a default.

[net]
# Where offers are taken over HTTP. 127.0.0.1 is this machine only; port 0 is any free one.
# http_server = "127.0.0.1:7777"
# The UDP ports of connections; without them any.
# udp_port_min = 60000
# udp_port_max = 61000

[log]
# trace, debug, info, warn, error or fatal
# level = "info"
# A relative path is below the state directory.
# file = "agent.log"

[timeouts]
# In milliseconds.
# ack = 3000
# disconnect = 5000
# failed = 60000
# ice_gathering = 5000

[limits]
# peers = 64
# peers_per_fingerprint = 16
# panes = 256

# Added to the environment of every pane.
[env]
# EDITOR = "vim"

# A STUN or TURN server, as often as needed. None is asked unless it is named here.
# [[ice_servers]]
# urls = "stun:stun.example.org:3478"
# username = "name"
# password = "secret"
`;
