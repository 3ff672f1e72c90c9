/** Which of a package's files a machine of another kind can use. */
import { extname } from 'node:path'
import type { Manifest } from './manifest.ts'

/** A kind of machine, in Node's words: os 'linux', cpu 'x64', and on Linux which C library. */
export interface Platform {
  readonly name: string
  readonly os: string
  readonly cpu: string
  readonly libc: string | undefined
}

/** 'linux-x64', 'linuxmusl-arm64', 'darwin-arm64'. */
export function platformOf(name: string): Platform {
  const [system = '', cpu = ''] = name.split('-')
  const os = system.replace('linuxmusl', 'linux')
  return { name, os, cpu, libc: os === 'linux' ? (system === 'linuxmusl' ? 'musl' : 'glibc') : undefined }
}

/** This machine. */
export function ownPlatform(): string {
  const musl = process.platform === 'linux' && glibcVersion() === undefined
  return `${process.platform}${musl ? 'musl' : ''}-${process.arch}`
}

/** Only Node's report tells it. With its network part every open socket would be looked up by name, while nothing else runs: seconds for each. */
function glibcVersion(): string | undefined {
  // Its types do not know the setting yet.
  const report = process.report as typeof process.report & { excludeNetwork: boolean }
  const before = report.excludeNetwork
  report.excludeNetwork = true
  try {
    return (report.getReport() as { header: { glibcVersionRuntime?: string } }).header.glibcVersionRuntime
  } finally {
    report.excludeNetwork = before
  }
}

/** What a package says about itself. */
export function bound(manifest: Manifest): boolean {
  return manifest.os.length > 0 || manifest.cpu.length > 0
}

export function suits({ os, cpu, libc }: Manifest, platform: Platform): boolean {
  return allows(os, platform.os) && allows(cpu, platform.cpu) && (platform.libc === undefined || allows(libc, platform.libc))
}

function allows(list: readonly string[], value: string): boolean {
  if (list.includes(`!${value}`)) return false
  const wanted = list.filter((one) => !one.startsWith('!'))
  return wanted.length === 0 || wanted.includes(value) || wanted.includes('any')
}

/** Machine code, by its name. */
export function isBinary(path: string): boolean {
  return ['.node', '.so', '.dll', '.dylib', '.lib', '.exe', '.pdb'].includes(extname(path).toLowerCase()) || /\.so(\.\d+)+$/.test(path)
}

const systems: Readonly<Record<string, string>> = {
  ...{
    linux: 'linux',
    linuxmusl: 'linux',
    darwin: 'darwin',
    macos: 'darwin',
    osx: 'darwin',
    win32: 'win32',
    windows: 'win32',
    win: 'win32',
  },
  ...{ freebsd: 'freebsd', openbsd: 'openbsd', netbsd: 'netbsd', android: 'android', sunos: 'sunos', aix: 'aix' },
}
const processors: Readonly<Record<string, string>> = {
  ...{ x64: 'x64', amd64: 'x64', arm64: 'arm64', aarch64: 'arm64', ia32: 'ia32', x86: 'ia32', arm: 'arm', armv6: 'arm', armv7: 'arm' },
  ...{ armv7l: 'arm', ppc64: 'ppc64', ppc64le: 'ppc64', s390x: 's390x', riscv64: 'riscv64', loong64: 'loong64', mips64el: 'mips64el' },
}
const libraries: Readonly<Record<string, string>> = { musl: 'musl', linuxmusl: 'musl', glibc: 'glibc', gnu: 'glibc', gnueabihf: 'glibc' }

/**
 * What a name tells of the machine it is for: 'prebuilds/linux-x64/node.napi.musl.node', 'bin/napi-v6/win32/x64', '@img/sharp-darwin-arm64'.
 *
 * @returns 'ours', 'foreign', or 'silent' where it names no system.
 */
export function saidBy(name: string, platform: Platform): 'ours' | 'foreign' | 'silent' {
  const words = name
    .toLowerCase()
    .replaceAll('x86_64', 'x64')
    .split(/[^a-z\d]+/)
  const among = (known: Readonly<Record<string, string>>) =>
    words.flatMap((word) => (Object.hasOwn(known, word) ? [known[word] as string] : []))
  const differs = (said: readonly string[], want: string | undefined) => said.length > 0 && want !== undefined && !said.includes(want)
  const os = among(systems)
  if (differs(os, platform.os) || differs(among(processors), platform.cpu) || differs(among(libraries), platform.libc)) return 'foreign'
  return os.length > 0 ? 'ours' : 'silent'
}
