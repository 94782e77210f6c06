import '../../src/peer/compat.ts'
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { connect } from 'node:net'
import { Counter, Registry } from 'prom-client'
import { type HttpServer, serveHttp } from '../../src/peer/http.ts'
import type { PeerStatus } from '../../src/peer/index.ts'

const STATUS = { peerId: 'me', addresses: [] } as unknown as PeerStatus

describe('the public page', () => {
  const registry = new Registry()
  new Counter({ name: 'rounds', help: 'rounds so far', registers: [registry] }).inc(3)
  let server: HttpServer

  before(async () => {
    server = await serveHttp({ host: '127.0.0.1', port: 0, status: () => STATUS, registry })
  })
  after(async () => await server.close())

  it('has the status, the metrics and a sign of life', async () => {
    assert.deepEqual(JSON.parse((await ask('/status')).text), STATUS)
    assert.deepEqual(JSON.parse((await ask('/healthz')).text), { status: 'ok' })

    const metrics = await ask('/metrics')
    assert.equal(metrics.type, registry.contentType)
    assert.match(metrics.text, /^rounds 3$/m)
  })

  it('is for reading only', async () => {
    const head = await ask('/status', { method: 'HEAD' })
    assert.deepEqual([head.status, head.text], [200, ''])

    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      assert.equal((await ask('/status', { method })).status, 405, method)
    }

    assert.equal((await ask('/stop', { method: 'POST' })).status, 404)
    assert.equal((await ask('/__proto__')).status, 404)
    assert.equal((await ask('/')).status, 404)
  })

  it('has no routes of events, and takes no long bodies', async () => {
    const long = (bytes: number) => ({ body: 'x'.repeat(bytes), headers: { 'content-length': String(bytes) } })

    for (const path of ['/publish', '/subscribe', '/subscriptions']) {
      assert.equal((await ask(path, { method: 'POST', body: '{}' })).status, 404, path)
      assert.equal((await ask(path)).status, 404, path)
    }

    assert.equal((await ask('/status', long(1_024))).status, 200)
    await assert.rejects(ask('/status', long(1_025)), { code: 'ECONNRESET' })
    assert.equal((await ask('/healthz')).status, 200)
  })

  it('refuses foreign hosts and origins', async () => {
    const { host } = new URL(server.url)

    for (const own of [host, 'localhost', 'localhost:80', '[::1]:8080', '192.168.1.7']) {
      assert.equal((await ask('/status', { headers: { host: own } })).status, 200, own)
    }

    for (const foreign of ['evil.example', 'localhost.evil.example', 'evil.example:8080', 'a@localhost']) {
      assert.equal((await ask('/status', { headers: { host: foreign } })).status, 403, foreign)
    }

    assert.equal((await ask('/status', { headers: { origin: server.url } })).status, 200)

    for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:1']) {
      assert.equal((await ask('/status', { headers: { origin } })).status, 403, origin)
    }
  })

  it('survives nonsense and long headers', async () => {
    for (const nonsense of [
      '\0\0\0\r\n\r\n',
      `GET /${'x'.repeat(100_000)} HTTP/1.1\r\n\r\n`,
      'GET //%%% HTTP/1.1\r\n\r\n'
    ]) {
      await new Promise<void>(resolve => {
        const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.end(nonsense))
        socket.on('error', () => {})
        socket.on('close', () => resolve())
        socket.resume()
      })
    }

    assert.equal((await ask('/healthz')).status, 200)
  })

  it('says when its port is in use, or its address not here', async () => {
    const { port } = new URL(server.url)
    const init = { status: () => STATUS, registry }
    await assert.rejects(serveHttp({ ...init, host: '127.0.0.1', port: Number(port) }), {
      code: 'port-in-use',
      message: new RegExp(`--http 127.0.0.1:${port}`)
    })
    await assert.rejects(serveHttp({ ...init, host: '192.0.2.1', port: 0 }), { code: 'address-unavailable' })
  })

  async function ask(
    path: string,
    { body, ...options }: { method?: string; headers?: Record<string, string>; body?: string } = {}
  ): Promise<{ status: number | undefined; type: string | undefined; text: string }> {
    return await new Promise((resolve, reject) => {
      const sent = request(`${server.url}${path}`, { agent: false, ...options }, async response => {
        let text = ''

        for await (const chunk of response.setEncoding('utf8')) {
          text += chunk
        }

        resolve({ status: response.statusCode, type: response.headers['content-type'], text })
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }
})
