//! Which addresses the host itself may connect to, whoever names them (g5). Public ones; private
//! ones as far as the machine's operator lists them; those by which machines are told who they
//! are, or reach themselves by another name, never.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub use ipnet::IpNet;
use ipnet::{Ipv4Net, Ipv6Net};

/// What may be reached besides the public network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    private: Vec<IpNet>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutOfReach {
    #[error(
        "{0} is in a private network: the machine's file may list it in allow-private of [network]"
    )]
    Private(IpAddr),
    #[error("{0} is no address that anything is fetched from")]
    Never(IpAddr),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Public,
    Private,
    Never,
}

/// Private networks, carriers' shared ones and this machine itself.
const PRIVATE_4: [(Ipv4Addr, u8); 5] = [
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
];
const PRIVATE_6: [(Ipv6Addr, u8); 2] = [
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7),
    (Ipv6Addr::LOCALHOST, 128),
];

/// IANA's special-purpose registry (RFC 6890 and what came after), and where clouds tell their
/// machines secrets: 169.254.0.0/16 has most of those, the others stand by themselves.
const NEVER_4: [(Ipv4Addr, u8); 13] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(100, 100, 100, 200), 32),
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 31, 196, 0), 24),
    (Ipv4Addr::new(192, 52, 193, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Groups, what is reserved, and everybody.
    (Ipv4Addr::new(224, 0, 0, 0), 3),
];
const NEVER_6: [(Ipv6Addr, u8); 5] = [
    (Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), 128),
    // Teredo, documentation, benchmarks and the like.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    // 6to4: another address is written in it.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];
/// All that is given out so far; the rest is private or nobody's.
const PUBLIC_6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
/// What is behind it is an IPv4 address, reached by a translator (RFC 6052).
const TRANSLATED: (Ipv6Addr, u8) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

impl Reach {
    /// `private` as the operator lists them; each is [`is_private`].
    pub fn new(private: Vec<IpNet>) -> Reach {
        Reach { private }
    }

    pub fn check(&self, address: IpAddr) -> Result<(), OutOfReach> {
        match kind(address) {
            Kind::Public => Ok(()),
            Kind::Private => {
                let real = embedded(address).unwrap_or(address);
                let mut listed = self.private.iter();
                match listed.any(|network| network.contains(&real)) {
                    true => Ok(()),
                    false => Err(OutOfReach::Private(address)),
                }
            }
            Kind::Never => Err(OutOfReach::Never(address)),
        }
    }
}

/// Whether all of it is private, so that an operator may list it.
pub fn is_private(network: &IpNet) -> bool {
    match network {
        IpNet::V4(network) => PRIVATE_4
            .iter()
            .any(|private| net_4(*private).is_some_and(|private| private.contains(network))),
        IpNet::V6(network) => PRIVATE_6
            .iter()
            .any(|private| net_6(*private).is_some_and(|private| private.contains(network))),
    }
}

fn kind(address: IpAddr) -> Kind {
    match embedded(address).unwrap_or(address) {
        IpAddr::V4(address) if in_4(&NEVER_4, address) => Kind::Never,
        IpAddr::V4(address) if in_4(&PRIVATE_4, address) => Kind::Private,
        IpAddr::V4(_) => Kind::Public,
        IpAddr::V6(address) if in_6(&NEVER_6, address) => Kind::Never,
        IpAddr::V6(address) if in_6(&PRIVATE_6, address) => Kind::Private,
        IpAddr::V6(address) if in_6(&[PUBLIC_6], address) => Kind::Public,
        IpAddr::V6(_) => Kind::Never,
    }
}

/// The IPv4 address that an IPv6 one leads to.
fn embedded(address: IpAddr) -> Option<IpAddr> {
    let IpAddr::V6(address) = address else {
        return None;
    };
    if let Some(mapped) = address.to_ipv4_mapped() {
        return Some(IpAddr::V4(mapped));
    }
    let [.., a, b, c, d] = address.octets();
    in_6(&[TRANSLATED], address).then_some(IpAddr::V4(Ipv4Addr::new(a, b, c, d)))
}

fn in_4(networks: &[(Ipv4Addr, u8)], address: Ipv4Addr) -> bool {
    let mut networks = networks.iter().filter_map(|network| net_4(*network));
    networks.any(|network| network.contains(&address))
}

fn in_6(networks: &[(Ipv6Addr, u8)], address: Ipv6Addr) -> bool {
    let mut networks = networks.iter().filter_map(|network| net_6(*network));
    networks.any(|network| network.contains(&address))
}

fn net_4((address, length): (Ipv4Addr, u8)) -> Option<Ipv4Net> {
    Ipv4Net::new(address, length).ok()
}

fn net_6((address, length): (Ipv6Addr, u8)) -> Option<Ipv6Net> {
    Ipv6Net::new(address, length).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn checked(reach: &Reach, address: &str) -> char {
        match reach.check(address.parse().unwrap()) {
            Ok(()) => 'y',
            Err(OutOfReach::Private(_)) => 'p',
            Err(OutOfReach::Never(_)) => 'n',
        }
    }

    #[test]
    fn g5_only_the_public_network_is_reached_unless_the_operator_lists_more() {
        let table = [
            ("93.184.216.34", 'y'),
            ("2606:2800:220:1:248:1893:25c8:1946", 'y'),
            ("10.0.0.1", 'p'),
            ("172.16.0.1", 'p'),
            ("172.31.255.255", 'p'),
            ("172.32.0.1", 'y'),
            ("192.168.1.1", 'p'),
            ("100.64.0.1", 'p'),
            ("100.128.0.1", 'y'),
            ("127.0.0.1", 'p'),
            ("127.255.255.254", 'p'),
            ("::1", 'p'),
            ("fc00::1", 'p'),
            ("fdff:ffff::1", 'p'),
            // Where a machine in a cloud is told its secrets.
            ("169.254.169.254", 'n'),
            ("169.254.170.2", 'n'),
            ("100.100.100.200", 'n'),
            ("168.63.129.16", 'n'),
            ("fd00:ec2::254", 'n'),
            ("fe80::1", 'n'),
            ("0.0.0.0", 'n'),
            ("::", 'n'),
            ("224.0.0.1", 'n'),
            ("255.255.255.255", 'n'),
            ("240.0.0.1", 'n'),
            ("ff02::1", 'n'),
            ("192.0.2.1", 'n'),
            ("198.18.0.1", 'n'),
            ("2001:db8::1", 'n'),
            ("fec0::1", 'n'),
            ("4000::1", 'n'),
            // One address in another.
            ("::ffff:10.0.0.1", 'p'),
            ("::ffff:127.0.0.1", 'p'),
            ("::ffff:169.254.169.254", 'n'),
            ("::ffff:93.184.216.34", 'y'),
            ("::127.0.0.1", 'n'),
            ("64:ff9b::a00:1", 'p'),
            ("64:ff9b::a9fe:a9fe", 'n'),
            ("64:ff9b::5db8:d822", 'y'),
            ("64:ff9b:1::a00:1", 'n'),
            ("2002:a00:1::1", 'n'),
            ("2001:0:5ef5:79fb::1", 'n'),
        ];
        for (address, expected) in table {
            assert_eq!(checked(&Reach::default(), address), expected, "{address}");
        }
    }

    #[test]
    fn g5_what_the_operator_lists_is_reached_and_nothing_beside_it() {
        let listed = ["10.1.0.0/16", "192.168.7.20/32", "fd12:3456::/32"];
        let listed: Vec<IpNet> = listed.iter().map(|net| net.parse().unwrap()).collect();
        assert!(listed.iter().all(is_private));
        let reach = Reach::new(listed);
        for (address, expected) in [
            ("10.1.2.3", 'y'),
            ("::ffff:10.1.2.3", 'y'),
            ("64:ff9b::a01:203", 'y'),
            ("10.2.0.1", 'p'),
            ("192.168.7.20", 'y'),
            ("192.168.7.21", 'p'),
            ("fd12:3456::9", 'y'),
            ("fd12:3457::9", 'p'),
            ("127.0.0.1", 'p'),
        ] {
            assert_eq!(checked(&reach, address), expected, "{address}");
        }
    }

    #[test]
    fn only_private_networks_can_be_listed() {
        for (network, private) in [
            ("10.0.0.0/8", true),
            ("127.0.0.1/32", true),
            ("::1/128", true),
            ("fd00::/8", true),
            ("10.0.0.0/7", false),
            ("0.0.0.0/0", false),
            ("::/0", false),
            ("169.254.169.254/32", false),
            ("fe80::/10", false),
            ("93.184.216.0/24", false),
        ] {
            assert_eq!(is_private(&network.parse().unwrap()), private, "{network}");
        }
    }

    proptest! {
        /// However an address is written, what it leads to decides.
        #[test]
        fn a_mapped_address_is_judged_as_the_one_in_it(bits: u32) {
            let plain = Ipv4Addr::from_bits(bits);
            let reach = Reach::default();
            let kind = |address| match reach.check(address) {
                Ok(()) => 'y',
                Err(OutOfReach::Private(_)) => 'p',
                Err(OutOfReach::Never(_)) => 'n',
            };
            let mapped = IpAddr::V6(plain.to_ipv6_mapped());
            prop_assert_eq!(kind(mapped), kind(IpAddr::V4(plain)));
            let private = plain.is_private() || plain.is_loopback() || plain.is_link_local();
            prop_assert!(!private || kind(IpAddr::V4(plain)) != 'y');
        }
    }
}
