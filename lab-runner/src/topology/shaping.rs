//! A loopback's `rate` -> a token bucket on lo: the kernel's own tbf, in the
//! place where lo has no queue at all.

use anyhow::{Context, Result, ensure};
use lab_kit::{Knob, LinkKind, Plan};
use netlink_packet_core::{DefaultNla, NLM_F_CREATE, NLM_F_REPLACE};
use netlink_packet_route::RouteNetlinkMessage as Message;
use netlink_packet_route::tc::{TcAttribute, TcHandle, TcMessage};

use super::layout::{LO, Layout};
use super::netlink::Routing;
use super::sites::{Home, Sites};

// include/uapi/linux/pkt_sched.h
const TCA_OPTIONS: u16 = 2;
const TCA_TBF_PARMS: u16 = 1;
const TCA_TBF_BURST: u16 = 6;
const LINKLAYER_ETHERNET: u8 = 1;
/// One frame of the greatest length that lo takes: the first such frame finds
/// tokens, the next one waits.
const BURST: u32 = 65_536 + 14;
/// Bytes that may wait; more are lost.
const LIMIT: u32 = 4 << 20;

/// Sets the rate of every loopback that has one, and reads it back.
pub(super) fn shape(
    plan: &Plan,
    knobs: &[Knob],
    layout: &Layout,
    sites: &Sites,
) -> Result<()> {
    let loopbacks = plan.links.iter().zip(&layout.joints);
    for (link, joint) in loopbacks.filter(|(l, _)| l.kind == LinkKind::Loopback)
    {
        let mut link = link.clone();
        for knob in knobs {
            if let Knob::Link { key, value } = knob {
                crate::knobs::set_link(&mut link, key, value)?;
            }
        }
        ensure!(link.delay_ns == 0, "a loopback has a rate and no delay");
        if link.rate_bps > 0 {
            let home = Home::Host(layout.homes[joint.hosts[0]]);
            let set = |lo: &mut Routing| token_bucket(lo, link.rate_bps);
            sites.namespace(home)?.routing(set).context(
                "put a token bucket (tbf) on lo; `modprobe sch_tbf` loads it",
            )?;
        }
    }
    Ok(())
}

fn token_bucket(routing: &mut Routing, bits_per_second: u64) -> Result<()> {
    let rate = u32::try_from(bits_per_second / 8).context("under 34 Gbit/s")?;
    ensure!(rate > 0, "a rate of at least 8 bit/s");
    let mut message = TcMessage::with_index(LO as i32);
    message.header.parent = TcHandle::ROOT;
    let burst = DefaultNla::new(TCA_TBF_BURST, BURST.to_ne_bytes().into());
    let parameters = DefaultNla::new(TCA_TBF_PARMS, parameters(rate));
    let options = super::ethtool::emitted(&[parameters, burst]);
    message.attributes = vec![
        TcAttribute::Kind("tbf".into()),
        TcAttribute::Other(DefaultNla::new(TCA_OPTIONS, options)),
    ];
    let flags = NLM_F_CREATE | NLM_F_REPLACE;
    routing.ask(Message::NewQueueDiscipline(message), flags)?;
    let kept = routing.device("lo")?.qdisc;
    ensure!(kept == "tbf", "the kernel kept {kept} on lo");
    Ok(())
}

/// `struct tc_tbf_qopt`: rate, peak rate, limit, buffer, mtu.
fn parameters(bytes_per_second: u32) -> Vec<u8> {
    let mut bytes = rate(bytes_per_second);
    bytes.extend(rate(0));
    for number in [LIMIT, 0, 0] {
        bytes.extend(number.to_ne_bytes());
    }
    bytes
}

/// `struct tc_ratespec`.
fn rate(bytes_per_second: u32) -> Vec<u8> {
    let mut bytes = vec![0, LINKLAYER_ETHERNET, 0, 0, 0, 0, 0, 0];
    bytes.extend(bytes_per_second.to_ne_bytes());
    bytes
}
