//! The table -> instructions. Each rule is a block that either returns or
//! falls through to the next one with the call's number still loaded.

use libc::{
    AF_INET, AF_INET6, AF_NETLINK, AF_UNIX, EAFNOSUPPORT, ENOSYS, EPERM,
    EPROTONOSUPPORT, IPPROTO_TCP, IPPROTO_UDP, SOCK_DGRAM, SOCK_STREAM,
    sock_filter,
};

use super::Machine;
use super::table::{CALLS, MORE, UNREVIEWED, numbers};

const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
const AT_LEAST: u16 = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
const ANY_BIT: u16 = (libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K) as u16;
const AND: u16 = (libc::BPF_ALU | libc::BPF_AND | libc::BPF_K) as u16;
const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;

/// Offsets in struct seccomp_data.
const NUMBER: u32 = 0;
const ARCH: u32 = 4;

const X32: u32 = 0x4000_0000;
/// CLONE_NEW*, but not CLONE_NEWTIME: its bit is clone's exit signal.
const NAMESPACES: u32 = 0x7E02_0000;
const SOCKET_TYPE: u32 = 0xf;
/// NETLINK_ROUTE and NETLINK_SOCK_DIAG.
const NETLINK: [i32; 2] = [0, 4];
/// TIOCSTI, TIOCLINUX, TIOCSETD: typing for others, line disciplines.
const TERMINAL: [u32; 3] = [0x5412, 0x541C, 0x5423];

pub(super) fn build(machine: Machine, weak: bool) -> Vec<sock_filter> {
    let mut program = vec![
        load(ARCH),
        jump(EQUAL, machine.audit(), 1, 0),
        answer(libc::SECCOMP_RET_KILL_PROCESS),
        load(NUMBER),
    ];
    if machine == Machine::X86_64 {
        program.extend([jump(AT_LEAST, X32, 0, 1), refuse(ENOSYS)]);
    }
    program.extend([jump(AT_LEAST, UNREVIEWED, 0, 1), refuse(ENOSYS)]);
    for call in CALLS.iter().chain(MORE) {
        let wanted = weak || !call.only_weak;
        if let Some(number) = call.number(machine).filter(|_| wanted) {
            program.extend([jump(EQUAL, number, 0, 1), refuse(call.errno)]);
        }
    }
    let calls = numbers(machine);
    program.extend(when(calls.clone, clone()));
    program.extend(when(calls.ioctl, ioctl()));
    program.extend(when(calls.prlimit64, prlimit()));
    program.extend(when(calls.socket, socket()));
    program.extend(when(calls.socketpair, socketpair()));
    program.push(allow());
    program
}

/// `body` decides about the call `number`, and returns on every path.
fn when(number: u32, body: Vec<sock_filter>) -> Vec<sock_filter> {
    let mut block = vec![jump(EQUAL, number, 0, body.len() as u8)];
    block.extend(body);
    block
}

fn clone() -> Vec<sock_filter> {
    vec![
        load(argument(0)),
        jump(ANY_BIT, NAMESPACES, 0, 1),
        refuse(EPERM),
        allow(),
    ]
}

fn ioctl() -> Vec<sock_filter> {
    let mut body = vec![load(argument(1))];
    for request in TERMINAL {
        body.extend([jump(EQUAL, request, 0, 1), refuse(EPERM)]);
    }
    body.push(allow());
    body
}

/// Only one's own: the check of the uid would let pid 1's be changed.
fn prlimit() -> Vec<sock_filter> {
    vec![load(argument(0)), jump(EQUAL, 0, 0, 1), allow(), refuse(EPERM)]
}

fn socket() -> Vec<sock_filter> {
    let inet = inet();
    let netlink = netlink();
    let mut body = vec![
        load(argument(0)),
        jump(EQUAL, AF_UNIX as u32, 0, 1),
        allow(),
        jump(EQUAL, AF_INET as u32, 3, 0),
        jump(EQUAL, AF_INET6 as u32, 2, 0),
        jump(EQUAL, AF_NETLINK as u32, inet.len() as u8 + 1, 0),
        refuse(EAFNOSUPPORT),
    ];
    body.extend(inet);
    body.extend(netlink);
    body
}

/// TCP and UDP. Nothing raw, no SCTP, no ping socket.
fn inet() -> Vec<sock_filter> {
    vec![
        load(argument(1)),
        mask(SOCKET_TYPE),
        jump(EQUAL, SOCK_STREAM as u32, 2, 0),
        jump(EQUAL, SOCK_DGRAM as u32, 1, 0),
        refuse(EPERM),
        load(argument(2)),
        jump(EQUAL, 0, 2, 0),
        jump(EQUAL, IPPROTO_TCP as u32, 1, 0),
        jump(EQUAL, IPPROTO_UDP as u32, 0, 1),
        allow(),
        refuse(EPROTONOSUPPORT),
    ]
}

fn netlink() -> Vec<sock_filter> {
    let [route, diag] = NETLINK.map(|protocol| protocol as u32);
    vec![
        load(argument(2)),
        jump(EQUAL, route, 1, 0),
        jump(EQUAL, diag, 0, 1),
        allow(),
        refuse(EPROTONOSUPPORT),
    ]
}

fn socketpair() -> Vec<sock_filter> {
    vec![
        load(argument(0)),
        jump(EQUAL, AF_UNIX as u32, 0, 1),
        allow(),
        refuse(EAFNOSUPPORT),
    ]
}

/// Both machines are little endian: the low half comes first. The kernel cuts
/// each argument looked at here to 32 bits itself.
const fn argument(index: u32) -> u32 {
    16 + 8 * index
}

const fn load(offset: u32) -> sock_filter {
    jump(LOAD, offset, 0, 0)
}

const fn mask(bits: u32) -> sock_filter {
    jump(AND, bits, 0, 0)
}

const fn jump(code: u16, k: u32, jt: u8, jf: u8) -> sock_filter {
    sock_filter { code, jt, jf, k }
}

const fn answer(k: u32) -> sock_filter {
    jump(RETURN, k, 0, 0)
}

const fn allow() -> sock_filter {
    answer(libc::SECCOMP_RET_ALLOW)
}

const fn refuse(errno: i32) -> sock_filter {
    answer(libc::SECCOMP_RET_ERRNO | errno as u32)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
