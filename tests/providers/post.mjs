// A real SMTP server on a free port, for the tests: prints where it is, then each letter that it
// takes as a line of JSON. It ends with its input. `reject` as an argument: it takes none.

import { SMTPServer } from 'smtp-server';

const server = new SMTPServer({
  disabledCommands: ['STARTTLS'],
  allowInsecureAuth: true,
  authOptional: true,
  onAuth(auth, session, callback) {
    session.authenticated = `${auth.username}:${auth.password}`;
    callback(null, { user: auth.username });
  },
  onData(stream, session, callback) {
    const chunks = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', () => {
      if (process.argv[2] === 'reject') {
        callback(Object.assign(new Error('Not now'), { responseCode: 451 }));
        return;
      }
      const to = session.envelope.rcptTo.map(({ address }) => address);
      const data = Buffer.concat(chunks).toString();
      console.log(JSON.stringify({ to, data, authenticated: session.authenticated ?? null }));
      callback();
    });
  },
});
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ port: server.server.address().port }));
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
