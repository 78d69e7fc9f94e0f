/**
 * Programs of the kernel's classic packet filter that say which frames the lab's switch drops, in the text form of
 * `tc filter ... bpf bytecode`. Pure. Classic BPF, because it needs neither a compiler nor netem, flower or nftables.
 */

type Instruction = readonly [code: number, jumpTrue: number, jumpFalse: number, k: number];

/** Opcodes of <linux/filter.h>: LD|W|ABS, LD|H|ABS, LD|B|ABS, JMP|JEQ|K, JMP|JGE|K, RET|K. */
const LOAD_WORD = 0x20;
const LOAD_HALF = 0x28;
const LOAD_BYTE = 0x30;
const JUMP_EQUAL = 0x15;
const JUMP_GREATER_EQUAL = 0x35;
const RETURN = 0x06;

/** SKF_AD_OFF + SKF_AD_RANDOM: a load from here yields 32 random bits. */
const RANDOM = 0xfffff000 + 56;

/** TC_ACT_SHOT and TC_ACT_UNSPEC: drop the frame / ask the next filter. */
const DROP = 2;
const GO_ON = 0xffffffff;

/**
 * Drops the frames that this MAC address sends, or only those of one IPv4 protocol (112: VRRP).
 * @param mac six hexadecimal octets with colons
 */
export function dropFrom(mac: string, ipProtocol?: number): string {
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac)) throw new Error(`no MAC address: ${mac}`);
  const octets = mac.split(':').map((octet) => Number.parseInt(octet, 16));
  const word = octets.slice(0, 4).reduce((sum, octet) => sum * 256 + octet, 0);
  const half = octets.slice(4).reduce((sum, octet) => sum * 256 + octet, 0);
  const tests: Array<readonly [load: number, offset: number, equals: number]> = [
    [LOAD_WORD, 6, word], // Ethernet source, first four octets
    [LOAD_HALF, 10, half], // and the last two
  ];
  if (ipProtocol !== undefined) tests.push([LOAD_HALF, 12, 0x0800], [LOAD_BYTE, 14 + 9, ipProtocol]);
  // Each failed test jumps behind the DROP, which stands right after the last test.
  const program = tests.flatMap(([load, offset, equals], index): Instruction[] => [
    [load, 0, 0, offset],
    [JUMP_EQUAL, 0, 2 * (tests.length - index) - 1, equals],
  ]);
  return bytecode([...program, [RETURN, 0, 0, DROP], [RETURN, 0, 0, GO_ON]]);
}

/** Drops each frame with this probability, 0..1. */
export function dropShare(share: number): string {
  if (!(share >= 0 && share <= 1)) throw new Error(`a share lies between 0 and 1, not ${share}`);
  if (share === 1) return bytecode([[RETURN, 0, 0, DROP]]);
  return bytecode([
    [LOAD_WORD, 0, 0, RANDOM],
    [JUMP_GREATER_EQUAL, 1, 0, Math.round(share * 0xffffffff)],
    [RETURN, 0, 0, DROP],
    [RETURN, 0, 0, GO_ON],
  ]);
}

function bytecode(program: readonly Instruction[]): string {
  return [program.length, ...program.map((instruction) => instruction.join(' '))].join(',');
}
