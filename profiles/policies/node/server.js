// The application that node.json runs: it writes nothing, starts nothing, and ends when it is asked to.
'use strict';
const http = require('http');

const server = http.createServer((request, response) => {
	response.setHeader('Content-Type', 'text/plain');
	response.end(`${request.method} ${request.url}\n`);
});
server.maxConnections = 256;
server.keepAliveTimeout = 60000;
server.listen(3000);

process.on('SIGTERM', () => {
	server.close();
	server.closeAllConnections();
});
