//! A value by TLS, with certificates of this test's own authority; a peer without one that this authority has signed
//! gets nothing. Behind a router with the settings of `examples/router.json5`, the names in certificates decide.

mod common;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use common::{Place, Program, endpoint, until};
use rcgen::{CertificateParams, CertifiedIssuer, DnType, KeyPair};
use seqcopy_shm::{Reader, Writer, WriterState};
use zenoh::Wait;

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

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut authority = CertificateParams::new([]).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap()
}

#[test]
fn a_value_goes_by_tls_to_those_with_a_certificate() {
    let keys = Keys(std::env::temp_dir().join(format!("relay-tls-{}", std::process::id())));
    std::fs::create_dir(&keys.0).unwrap();
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

/// One of the files in `examples/`, for a machine of this name: its key and certificate are in a folder of its own.
fn example(file: &str, keys: &Keys, authority: &CertifiedIssuer<'_, KeyPair>, name: &str, endpoint: &str) -> PathBuf {
    let folder = keys.0.join(name);
    std::fs::create_dir(&folder).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut certificate = CertificateParams::new(["localhost".to_owned()]).unwrap();
    certificate.distinguished_name.push(DnType::CommonName, name);
    let certificate = certificate.signed_by(&key, authority).unwrap().pem();
    let mut text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(file)).unwrap();
    for (path, pem) in [
        ("authority.pem", authority.pem()),
        (if file == "router.json5" { "router.key.pem" } else { "key.pem" }, key.serialize_pem()),
        (if file == "router.json5" { "router.pem" } else { "certificate.pem" }, certificate),
    ] {
        std::fs::write(folder.join(path), pem).unwrap();
        assert!(text.contains(&format!("\"/etc/seqcopy-relay/{path}\"")), "{path}");
    }
    text = text.replace("/etc/seqcopy-relay", folder.to_str().unwrap());
    let endpoints = ["tls/[::]:7447", "tls/router.example:7447"];
    assert!(endpoints.iter().any(|endpoint| text.contains(endpoint)), "{text}");
    text = endpoints.iter().fold(text, |text, of_example| text.replace(of_example, endpoint));
    let path = folder.join(file);
    std::fs::write(&path, text).unwrap();
    path
}

/// The robot publishes what is its own, and reads nothing; the base reads all, and publishes nothing.
#[test]
fn names_in_certificates_decide_who_may_what() {
    let keys = Keys(std::env::temp_dir().join(format!("relay-access-{}", std::process::id())));
    std::fs::create_dir(&keys.0).unwrap();
    let (ours, endpoint) = (authority(), endpoint().replace("tcp/127.0.0.1", "tls/localhost"));
    let router = example("router.json5", &keys, &ours, "router", &endpoint);
    let _router = zenoh::open(zenoh::Config::from_file(router).unwrap()).wait().unwrap();
    let client = |name: &str| example("client.json5", &keys, &ours, name, &endpoint);
    let [robot, base, other] = ["robot-7", "base", "robot-8"].map(client);
    let start = |words: &[&str], config: &Path| {
        Program::relay(
            &[
                words,
                &["--whole", "0.2"][..2 * usize::from(words[0] == "publish")],
                &["--config", config.to_str().unwrap()],
            ]
            .concat(),
        )
    };
    let here = Place::new("access-here");
    let mut writer = Writer::<u64>::create(&here.0).unwrap();
    writer.write(5).unwrap();
    // Key, publisher, subscriber.
    let may = [("fleet/7/quote", &robot, &base)];
    let may_not = [
        ("fleet/8/quote", &robot, &base),
        ("fleet/7/of-the-base", &base, &base),
        ("fleet/7/of-another", &other, &base),
        ("fleet/7/not-read", &robot, &robot),
    ];
    let all: Vec<_> = may
        .iter()
        .chain(&may_not)
        .map(|(key, publisher, subscriber)| {
            let place = Place::new(&format!("access-{}", key.replace('/', "-")));
            let subscriber = start(&["subscribe", key, place.text()], subscriber);
            (start(&["publish", here.text(), "--key", key], publisher), subscriber, place)
        })
        .collect();
    let seen = || Reader::<u64>::open(&all[0].2.0).ok().map(|reader| (reader.read().ok(), reader.writer_state()));
    until("the value", SOON, || seen().is_some_and(|(value, _)| value == Some(5)));
    // Programs of zenoh may do the same: be answered, and get JSON, which is published while it has a subscriber.
    let session = zenoh::open(zenoh::Config::from_file(&base).unwrap()).wait().unwrap();
    let json = session.declare_subscriber("fleet/7/quote/json").wait().unwrap();
    let answers = session.get("fleet/7/quote").wait().unwrap();
    assert!(answers.into_iter().any(|answer| answer.result().is_ok()));
    assert!(json.recv_timeout(SOON).unwrap().is_some());
    // Ten times as long as from one sample to the next.
    std::thread::sleep(Duration::from_secs(2));
    assert!(matches!(seen(), Some((_, WriterState::Alive { .. }))), "{:?}", seen());
    for (mut publisher, mut subscriber, place) in all {
        publisher.assert_runs();
        subscriber.assert_runs();
        assert_eq!(place.0.exists(), place.text().contains("fleet-7-quote"), "{}", place.text());
    }
}
