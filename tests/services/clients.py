"""clients.py - as much of each service's protocol as it takes to ask a question and to know the answer.

A client asks in one step and listens in another, so that many connections have a question open at once. The
sockets are made in the container's network namespace, from here: to start a program in there for each
question would cost more than the question."""
import contextlib
import ctypes
import http.server
import os
import socket
import struct
import threading

CLONE_NEWNET = 0x40000000
BLOCK = 512 << 10       # of what a cache is filled with
BLOCKS = (36 << 20) // BLOCK
libc = ctypes.CDLL(None, use_errno=True)


class Wrong(Exception):
    """An answer, but not the one that was expected."""


class Network:
    """The network namespace of a process."""

    def __init__(self, pid):
        self.own = os.open('/proc/self/ns/net', os.O_RDONLY | os.O_CLOEXEC)
        self.there = os.open(f'/proc/{pid}/ns/net', os.O_RDONLY | os.O_CLOEXEC)

    def close(self):
        os.close(self.own)
        os.close(self.there)

    @staticmethod
    def enter(fd):
        if libc.setns(fd, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), 'setns')

    def socket(self):
        self.enter(self.there)
        try:
            return socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        finally:
            self.enter(self.own)


class Client:
    """One connection. keeps: whether it takes more than one question. pace: seconds between two connections."""
    keeps = True
    pace = 0

    def __init__(self, network, port, patience):
        self.socket = network.socket()
        try:
            self.socket.settimeout(patience)
            self.socket.connect(('127.0.0.1', port))
            self.file = self.socket.makefile('rwb')
            self.hello()
        except BaseException:
            self.socket.close()
            raise

    def close(self):
        with contextlib.suppress(OSError):      # what is still to be sent has nobody to go to
            self.file.close()
        self.socket.close()

    def hello(self):
        pass

    def fill(self):
        """Have it hold as much as its configuration lets it."""

    def send(self, data):
        self.file.write(data)
        self.file.flush()

    def line(self):
        return self.file.readline().rstrip(b'\r\n')

    def exactly(self, n):
        data = self.file.read(n)
        if len(data) != n:
            raise Wrong(f'the connection ended {n - len(data)} bytes early')
        return data

    def expect(self, got, want):
        if got != want:
            raise Wrong(f'{got[:200]!r} instead of {want!r}')


class Http(Client):
    page = b''      # what must be in it

    def ask(self):
        self.send(b'GET / HTTP/1.1\r\nHost: service\r\n\r\n')

    def listen(self):
        status = self.line()
        if status.split(b' ')[1:2] != [b'200']:
            raise Wrong(f'{status!r}')
        length = 0
        while header := self.line():
            name, value = header.split(b':', 1)
            if name.lower() == b'content-length':
                length = int(value)
        if self.page not in (body := self.exactly(length)):
            raise Wrong(f'{body[:200]!r}')


class Nginx(Http):
    page = b'Welcome to nginx!'


class Node(Http):
    page = b'GET /'


class Haproxy(Http):
    page = b'from behind'


class PythonHttp(Http):
    page = b'from a file'
    keeps = False       # it speaks HTTP/1.0
    pace = 0.01         # it lets five wait to be accepted; who comes then is heard a second later


class Redis(Client):
    def ask(self):
        self.send(b'SET k v\r\nGET k\r\n')

    def listen(self):
        self.expect(self.line(), b'+OK')
        self.expect(self.line(), b'$1')
        self.expect(self.line(), b'v')

    def fill(self):
        for n in range(BLOCKS):
            self.send(b'*3\r\n$3\r\nSET\r\n$%d\r\nblock%d\r\n$%d\r\n%s\r\n' % (len(b'block%d' % n), n, BLOCK, bytes(BLOCK)))
            self.expect(self.line(), b'+OK')


class Memcached(Client):
    def ask(self):
        self.send(b'set k 0 0 1\r\nv\r\nget k\r\n')

    def listen(self):
        for want in b'STORED', b'VALUE k 0 1', b'v', b'END':
            self.expect(self.line(), want)

    def fill(self):
        for n in range(BLOCKS):
            self.send(b'set block%d 0 0 %d\r\n%s\r\n' % (n, BLOCK, bytes(BLOCK)))
            self.expect(self.line(), b'STORED')


class Postgresql(Client):
    """The simple query protocol, version 3."""

    def message(self):
        kind, length = struct.unpack('>cI', self.exactly(5))
        body = self.exactly(length - 4)
        if kind == b'E':
            text = body.replace(b'\0', b' ').decode(errors='replace')
            raise ConnectionError(text) if 'C57P03' in text else Wrong(text)     # cannot_connect_now: it is starting
        return kind, body

    def hello(self):
        words = b'user\0postgres\0database\0postgres\0\0'
        self.send(struct.pack('>II', 8 + len(words), 3 << 16) + words)
        self.ready()

    def ready(self):
        rows = []
        while True:
            kind, body = self.message()
            if kind == b'D':
                rows.append(body[6:])       # one column: how many, its length, itself
            if kind == b'Z':
                return rows

    def query(self, text):
        self.send(struct.pack('>cI', b'Q', 5 + len(text)) + text + b'\0')

    def ask(self):
        self.query(b'INSERT INTO visits VALUES (now()) RETURNING 6 * 7')

    def listen(self):
        self.expect(b' '.join(self.ready()), b'42')

    def fill(self):
        self.query(b"CREATE TABLE IF NOT EXISTS visits (at timestamptz);"
                   b"DROP TABLE IF EXISTS much; CREATE UNLOGGED TABLE much (page text);"
                   b"ALTER TABLE much ALTER page SET STORAGE PLAIN;"
                   b"INSERT INTO much SELECT repeat('x', 8000) FROM generate_series(1, 2500);"
                   b"SELECT count(*) FROM much")
        self.expect(self.ready()[-1], b'2500')


class Origin:
    """What haproxy is in front of, in its network namespace."""

    def __init__(self, network, port):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_GET(self):
                self.send_response(200)
                self.send_header('Content-Length', str(len(Haproxy.page)))
                self.end_headers()
                self.wfile.write(Haproxy.page)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 1024

            def handle_error(self, *_):     # a proxy that was killed resets its connections
                pass

        self.server = Server(('127.0.0.1', port), Handler, bind_and_activate=False)
        self.server.socket.close()
        self.server.socket = network.socket()
        self.server.server_bind()
        self.server.server_activate()
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={'poll_interval': 0.05}, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
