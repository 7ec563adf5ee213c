//! An interface is switched off or loses its address, by the oldest of
//! interfaces to do so: ioctl (netdevice(7)).

use std::io;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;

use anyhow::{Context, Result, ensure};
use lab_kit::libc::{self, ifreq};

// ANCHOR: switch
/// `ip link set DEVICE up` or `down`, in the namespace that we are in.
pub(crate) fn switch(device: &str, on: bool) -> Result<()> {
    let mut request = named(device);
    call(libc::SIOCGIFFLAGS, &mut request).context("SIOCGIFFLAGS")?;
    // SAFETY: the kernel has just filled in the flags.
    let flags = unsafe { &mut request.ifr_ifru.ifru_flags };
    let up = libc::IFF_UP as libc::c_short;
    *flags = if on { *flags | up } else { *flags & !up };
    call(libc::SIOCSIFFLAGS, &mut request)
        .with_context(|| format!("switch {device}, up: {on}"))
}

/// `ip address flush dev DEVICE`: the address 0.0.0.0 takes the old one away.
pub(crate) fn take_address(device: &str) -> Result<()> {
    let mut request = named(device);
    // SAFETY: every bit pattern of a sockaddr is one.
    let address = unsafe { &mut request.ifr_ifru.ifru_addr };
    address.sa_family = libc::AF_INET as libc::sa_family_t;
    call(libc::SIOCSIFADDR, &mut request).context("SIOCSIFADDR")
}
// ANCHOR_END: switch

fn named(device: &str) -> ifreq {
    // SAFETY: plain bytes and integers, for which zero is a value.
    let mut request: ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(device.bytes()) {
        *to = from as libc::c_char;
    }
    request
}

fn call(what: libc::c_ulong, request: &mut ifreq) -> Result<()> {
    let socket = UdpSocket::bind("0.0.0.0:0")?; // any socket will do
    // SAFETY: the request is an ifreq, as netdevice(7) wants it.
    let code = unsafe {
        libc::ioctl(socket.as_raw_fd(), what as libc::Ioctl, request)
    };
    ensure!(code == 0, io::Error::last_os_error());
    Ok(())
}
