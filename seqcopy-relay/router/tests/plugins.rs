//! What programs that know nothing of seqcopy read of regions through a router: `curl`, `mosquitto_sub`, and Python's
//! `zenoh`. The oracle is what `seqcopy show --json` prints. `ci/relay.sh --all` builds and names the programs.

mod common;

use std::path::Path;

use common::{Place, Router, built, has, printed, until};
use seqcopy_tests::oracle::Rng;
use seqcopy_tests::random_types::{regions, thousand};
use serde_json::Value as Json;

/// What `seqcopy show --json` prints of the content.
fn shown(path: &Path) -> Json {
    let text = printed(built("SEQCOPY"), &["show", path.to_str().unwrap(), "--json"]).unwrap();
    let all: Json = serde_json::from_str(&text).unwrap();
    let number = if all.get("entries").is_some() { ["generation", "entries"] } else { ["version", "value"] };
    number.into_iter().map(|name| (name.to_owned(), all[name].clone())).collect::<serde_json::Map<_, _>>().into()
}

fn parsed(text: &str) -> Option<Json> {
    serde_json::from_str(text).ok()
}

/// Regions of 24 types, and what each program reads of them.
#[test]
fn curl_mosquitto_and_python_read_what_show_prints() {
    let place = Place::new("plugins");
    let router = Router::start(&place, "");
    let types: Vec<_> = thousand().into_iter().step_by(40).collect();
    let paths = regions(&place.0, &types, &mut Rng::new(112));
    assert!(paths.len() > 20, "{}", paths.len());
    let regions: Vec<_> =
        paths.iter().map(Path::new).enumerate().map(|(number, path)| (format!("fleet/{number}"), path)).collect();
    let _publishers: Vec<_> = regions.iter().map(|(key, path)| router.publish(path, key, &[])).collect();
    let expected: Vec<Json> = regions.iter().map(|(_, path)| shown(path)).collect();
    let keys = || regions.iter().map(|(key, _)| format!("{key}/json")).zip(&expected);
    assert!(expected.iter().any(|it| it.get("entries").is_some()) && expected.iter().any(|it| it["version"] == 1));

    if has("curl", &["--version"]) {
        for (key, expected) in keys() {
            let url = format!("http://127.0.0.1:{}/{key}", router.rest);
            let found = until("an answer of REST", || {
                let all = parsed(&printed("curl", &["--silent", "--fail", &url])?)?;
                all.as_array()?.first().cloned()
            });
            assert_eq!((&found["value"], &found["encoding"]), (expected, &"application/json".into()), "{key}");
            assert!(found["timestamp"].is_string() && found["key"] == key.as_str(), "{found}");
        }
        // Samples are bytes, which REST gives as base64.
        let all = printed("curl", &["--silent", &format!("http://127.0.0.1:{}/fleet/0", router.rest)]);
        let all = parsed(&all.unwrap()).unwrap();
        assert_eq!(all[0]["encoding"], "application/octet-stream;seqcopy-relay");
    }
    if has("mosquitto_sub", &["--help"]) {
        for (key, expected) in keys() {
            let port = router.mqtt.to_string();
            let arguments = ["-h", "127.0.0.1", "-p", &port, "-t", &key, "-C", "1", "-W", "30"];
            let found = printed("mosquitto_sub", &arguments).and_then(|line| parsed(&line));
            assert_eq!(found.as_ref(), Some(expected), "{key}");
        }
    }
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    if printed(&python, &["-c", "import zenoh"]).is_none() {
        common::skipped("there is no eclipse-zenoh for Python");
    } else {
        let program = "import sys, zenoh\n\
                       config = zenoh.Config()\n\
                       config.insert_json5('connect/endpoints', '[\"' + sys.argv[1] + '\"]')\n\
                       with zenoh.open(config) as session:\n\
                       \x20   for key in sys.argv[2:]:\n\
                       \x20       print([answer.ok.payload.to_string() for answer in session.get(key)][0])\n";
        let names: Vec<String> = keys().map(|(key, _)| key).collect();
        let arguments: Vec<&str> =
            ["-c", program, &router.endpoint].into_iter().chain(names.iter().map(String::as_str)).collect();
        let lines = printed(&python, &arguments).expect("the program of Python fails");
        let found: Vec<Json> = lines.lines().map(|line| parsed(line).unwrap()).collect();
        assert_eq!(found, expected);
    }
}
