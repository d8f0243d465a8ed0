# A server on the host's loopback cannot be reached; the container's own loopback is up.
import socket
with socket.create_server(('127.0.0.1', 0)) as server:
    port = server.getsockname()[1]
    pair(f'probe loopback\nprobe connect {port}', weak={'network': {'mode': 'host'}, 'sys': False}, denied='lo: up\nconnect: ECONNREFUSED')
