import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { suite, test } from 'node:test'
import { fingerprintOf, selfSigned } from '../../src/net/certificate.ts'

const day = 24 * 3600e3

suite('certificates', () => {
  test('what is made is read by OpenSSL: a version 3 certificate of an end, signed by its own key', () => {
    // Enough of them that serial numbers and signatures of every length are among them.
    for (let i = 0; i < 40; i++) {
      const { cert, key } = selfSigned(Date.UTC(2026, 10, 21))
      const read = new X509Certificate(cert)
      const privateKey = createPrivateKey(key)
      assert.ok(read.checkPrivateKey(privateKey))
      assert.ok(read.verify(read.publicKey))
      assert.ok(read.checkIssued(read))
      assert.equal(read.subject, 'CN=tutti')
      assert.equal(read.ca, false)
      assert.match(read.serialNumber, /^[4-7][0-9A-F]{31}$/)
      assert.equal(read.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1')
      assert.match(read.toLegacyObject().bits?.toString() ?? '', /^256$/)
      assert.equal(fingerprintOf(cert), read.fingerprint256.replaceAll(':', '').toLowerCase())
    }
  })

  test('no two are alike, and each belongs to its own key only', () => {
    const [one, other] = [selfSigned(0), selfSigned(0)]
    assert.notEqual(fingerprintOf(one.cert), fingerprintOf(other.cert))
    assert.notEqual(new X509Certificate(one.cert).serialNumber, new X509Certificate(other.cert).serialNumber)
    assert.ok(!new X509Certificate(one.cert).checkPrivateKey(createPrivateKey(other.key)))
    assert.ok(!new X509Certificate(one.cert).verify(new X509Certificate(other.cert).publicKey))
  })

  test('valid from a day before for a year, also where the century of the short form ends', () => {
    for (const now of [
      '1999-12-31T23:59:59Z',
      '2026-11-21T21:55:07Z',
      '2049-06-01T00:00:00Z',
      '2050-01-02T00:00:00Z',
      '2050-01-01T23:59:59Z',
    ]) {
      const moment = Date.parse(now)
      const read = new X509Certificate(selfSigned(moment).cert)
      assert.equal(read.validFromDate.getTime(), moment - day)
      assert.equal(read.validToDate.getTime(), moment + 364 * day)
    }
  })

  test('a certificate that is none is refused with a sentence', () => {
    for (const cert of ['', 'no PEM', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n']) {
      assert.throws(() => fingerprintOf(cert), { code: 'NET_CERTIFICATE' })
    }
  })
})
