# Abstract sockets belong to the network namespace: the host's cannot be reached.
import socket
with socket.socket(socket.AF_UNIX) as server:
    server.bind(f'\0casemate-{os.getpid()}')
    server.listen()
    act = f'probe abstract casemate-{os.getpid()}'
    pair(act, weak={'network': {'mode': 'host'}, 'landlock': False, 'sys': False}, denied='connect: ECONNREFUSED')
