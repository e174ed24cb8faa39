//! A value by TLS, with certificates of this test's own authority; a peer without one that this authority has signed
//! gets nothing.

mod common;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use common::{Place, Program, endpoint, until};
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};
use seqcopy_shm::{Reader, Writer};

const SOON: Duration = Duration::from_secs(20);

/// A folder of keys, removed on drop.
struct Keys(PathBuf);

impl Drop for Keys {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// An authority, and a key and a certificate of one peer: a configuration of zenoh's that names them, for both ends.
fn configuration(folder: &Path, authority: &CertifiedIssuer<'_, KeyPair>, trusted: &str, name: &str) -> PathBuf {
    let key = KeyPair::generate().unwrap();
    let peer = CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, authority).unwrap();
    let mut tls = String::from("enable_mtls: true, ");
    let files = [("authority", trusted.to_owned()), ("key", key.serialize_pem()), ("certificate", peer.pem())];
    for (kind, pem) in files {
        let path = folder.join(format!("{name}.{kind}.pem"));
        std::fs::write(&path, pem).unwrap();
        let names: &[&str] = match kind {
            "authority" => &["root_ca_certificate"],
            "key" => &["listen_private_key", "connect_private_key"],
            _ => &["listen_certificate", "connect_certificate"],
        };
        for name in names {
            write!(tls, "{name}: \"{}\", ", path.display()).unwrap();
        }
    }
    let path = folder.join(format!("{name}.json5"));
    let text = format!(
        "{{ scouting: {{ multicast: {{ enabled: false }} }}, listen: {{ endpoints: [] }}, \
         connect: {{ timeout_ms: -1, exit_on_failure: false }}, transport: {{ link: {{ tls: {{ {tls} }} }} }} }}"
    );
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_value_goes_by_tls_to_those_with_a_certificate() {
    let keys = Keys(std::env::temp_dir().join(format!("relay-tls-{}", std::process::id())));
    std::fs::create_dir(&keys.0).unwrap();
    let authority = || {
        let mut authority = CertificateParams::new([]).unwrap();
        authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap()
    };
    let (ours, strange) = (authority(), authority());
    let [a, b] = ["a", "b"].map(|name| configuration(&keys.0, &ours, &ours.pem(), name));
    // It trusts ours, which does not trust it.
    let c = configuration(&keys.0, &strange, &ours.pem(), "c");
    let (here, there, elsewhere) = (Place::new("tls-here"), Place::new("tls-there"), Place::new("tls-elsewhere"));
    let mut writer = Writer::<u64>::create(&here.0).unwrap();
    writer.write(5).unwrap();
    let endpoint = endpoint().replace("tcp/127.0.0.1", "tls/localhost");
    let subscribe = |place: &Place, configuration: &Path| {
        let configuration = configuration.to_str().unwrap();
        Program::relay(&["subscribe", "test/tls", place.text(), "--connect", &endpoint, "--config", configuration])
    };
    let publish = ["publish", here.text(), "--key", "test/tls", "--listen", &endpoint, "--config", a.to_str().unwrap()];
    let mut publish = Program::relay(&publish);
    let mut uninvited = subscribe(&elsewhere, &c);
    let mut subscriber = subscribe(&there, &b);
    let arrived = |number: u64| {
        until("the value", SOON, || Reader::open(&there.0).is_ok_and(|reader| reader.read() == Ok(number)));
    };
    arrived(5);
    writer.write(6).unwrap();
    writer.wake();
    arrived(6);
    assert!(!elsewhere.0.exists());
    [&mut publish, &mut uninvited, &mut subscriber].into_iter().for_each(Program::assert_runs);
}
