//! The words of the contract are core's words.

use tapmap_core::{AddressScope as A, Role as R, SocketState as S};
use tapmap_web::wire;

fn same<Core: Copy, Wire: From<Core> + serde::Serialize>(values: &[Core], word: fn(Core) -> &'static str) {
    for value in values {
        assert_eq!(serde_json::to_value(Wire::from(*value)).unwrap(), word(*value));
    }
}

#[test]
fn states_scopes_and_roles_are_written_as_core_says() {
    same::<S, wire::State>(
        &[
            S::Listen,
            S::SynSent,
            S::SynReceived,
            S::Established,
            S::FinWait1,
            S::FinWait2,
            S::CloseWait,
            S::Closing,
            S::LastAck,
            S::TimeWait,
            S::Closed,
            S::Datagram,
        ],
        S::word,
    );
    same::<A, wire::Scope>(
        &[
            A::Public,
            A::Lan,
            A::LinkLocal,
            A::Local,
            A::Multicast,
            A::Broadcast,
            A::Cgnat,
            A::Unspecified,
            A::Documentation,
            A::Benchmarking,
            A::Reserved,
        ],
        A::word,
    );
    same::<R, wire::Role>(
        &[
            R::Cdn,
            R::Cloud,
            R::Hosting,
            R::Platform,
            R::Dns,
            R::Time,
            R::Vpn,
            R::SecurityFilter,
            R::Access,
            R::Research,
            R::Mail,
            R::RemoteAccess,
            R::PeerToPeer,
            R::Push,
        ],
        R::word,
    );
}

#[test]
fn the_other_words_are_written_as_core_says() {
    use tapmap_core::{
        AppEvidence as E, Direction as D, GapReason as G, OwnPlaceSource as O, Protocol as P, Sight,
    };
    same::<P, wire::Protocol>(&[P::Tcp, P::Udp], P::word);
    same::<D, wire::Direction>(&[D::Outbound, D::Inbound], D::word);
    same::<G, wire::GapReason>(&[G::SourceFailed, G::Overrun, G::Asleep], G::word);
    same::<O, wire::OwnPlaceSource>(&[O::Configured, O::Chosen, O::Interface, O::TimeZone], O::word);
    same::<E, wire::Evidence>(
        &[
            E::Container,
            E::Package,
            E::DesktopEntry,
            E::AppImage,
            E::Script,
            E::Unit,
            E::FileName,
            E::ProcessName,
        ],
        E::word,
    );
    same::<Sight, wire::Sight>(
        &[
            Sight::TcpSockets,
            Sight::UdpSockets,
            Sight::ShortConnections,
            Sight::UdpDestinations,
            Sight::TcpCounters,
            Sight::UdpCounters,
            Sight::OwnProcesses,
            Sight::OtherProcesses,
            Sight::OtherNamespaces,
            Sight::Names,
        ],
        Sight::word,
    );
}

#[test]
fn the_words_of_names_layers_and_evidence_are_written_as_core_says() {
    use tapmap_core::{Evidence, LayerName, MatchQuality, NameSource};
    same::<MatchQuality, wire::MatchQuality>(&MatchQuality::ALL, MatchQuality::word);
    same::<NameSource, wire::NameSource>(&NameSource::ALL, NameSource::word);
    same::<Evidence, wire::SeenBy>(&Evidence::ALL, Evidence::word);
    same::<LayerName, wire::LayerName>(&LayerName::ALL, LayerName::word);
}
