//! `locks`: which processes keep writers out.

use std::fs::File;

use rustix::fs::{FlockOperation, fcntl_lock};

use super::*;

#[test]
fn a_read_lock_is_named_with_its_process() {
    let (place, writer) = Place::with(2, 7u64);
    let own = std::process::id();
    // The writer's own. A process that another test is starting has this one's descriptors, and so its locks, until it
    // runs its own program.
    let locks = || shows(&["locks", place.path()]);
    let text = until(locks, |text| text.lines().count() == 1);
    assert!(text.starts_with(&format!("process {own} (")), "{text}");
    assert!(text.contains(") holds a write lock, by descriptor "), "{text}");
    drop(writer);
    until(locks, |text| text == "no process holds a lock\n");
    // Any process that may read the file can take one.
    let reading = File::open(&place.0).unwrap();
    fcntl_lock(&reading, FlockOperation::NonBlockingLockShared).unwrap();
    let error = Writer::<u64>::take_over(&place.0).unwrap_err();
    assert!(error.to_string().contains("end that process, `seqcopy locks` names it"), "{error}");
    // Such a lock belongs to the process, which loses it when it closes any descriptor of the file.
    fcntl_lock(&reading, FlockOperation::NonBlockingLockShared).unwrap();
    // For people as well: as `show --json`, and not one line as in a stream.
    assert!(shows(&["locks", "--json", place.path()]).starts_with("{\n  \"path\": "));
    let json = shows_json(&["locks", "--json", place.path()]);
    let locks = json["locks"].as_array().expect("a list");
    assert!(locks.iter().any(|lock| lock["pid"] == own), "{json}");
    assert_eq!(json["locks"][0]["kind"], "read", "{json}");
    let text = shows(&["locks", place.path()]);
    assert!(text.contains(") holds a read lock, by descriptor "), "{text}");
    drop(reading);
    drop(Writer::<u64>::take_over(&place.0).unwrap());
}

/// The lock of a process that can't be seen is there all the same.
#[test]
fn a_lock_without_a_visible_holder_is_reported() {
    let (place, writer) = Place::with(2, 7u64);
    let unshared = |script: &str| {
        let words = ["--pid", "--fork", "--mount", "sh", "-c", script, env!("CARGO_BIN_EXE_seqcopy"), place.path()];
        Command::new("unshare").args(words).output().ok()
    };
    // A new PID namespace, with its own `/proc` and without one: only root can make them.
    for (mount, words) in [
        ("mount -t proc none /proc", "in another PID namespace, as in a container"),
        ("mount -t tmpfs none /proc", "`/proc` does not show this process: mount it"),
    ] {
        let script = format!("{mount} || exit 99; \"$0\" locks \"$1\"; echo $?; \"$0\" locks --json \"$1\"; echo $?");
        let Some(output) = unshared(&script).filter(|output| output.status.code() == Some(0)) else {
            super::compiler::skipped("`locks` in another PID namespace: this needs root and unshare(1)");
            return;
        };
        let (text, error) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        // A sanitizer says that it misses `/proc`, too.
        let error: Vec<&str> = error.lines().filter(|line| !line.is_empty() && !line.starts_with("==")).collect();
        let error = error.join("\n");
        let (code, json) = text.trim_end().split_once('\n').expect("a status");
        let json = json.strip_suffix("\n1").expect("status 1");
        assert!(code == "1" && error.lines().count() == 1, "{text}{error}");
        assert!(
            error.contains("a write lock is held, and its holder is not visible here") && error.contains(words),
            "{error}"
        );
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!((&json["held"], json["locks"].as_array().map(Vec::len)), (&serde_json::json!(true), Some(0)));
    }
    drop(writer);
    let reading = File::open(&place.0).unwrap();
    fcntl_lock(&reading, FlockOperation::NonBlockingLockShared).unwrap();
    let output = unshared("mount -t proc none /proc; \"$0\" locks \"$1\"").unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("a read lock is held, and its holder is not visible here"), "{error}");
}

#[test]
fn a_path_without_a_file_is_refused() {
    let place = Place::new();
    assert!(refuses(&["locks", place.path()]).contains(place.path()));
}

/// Another user sees fewer processes, and both forms say how many are missing.
#[test]
fn processes_that_can_not_be_seen_are_counted() {
    use std::os::unix::fs::PermissionsExt;
    if as_another_user(&["locks"]).is_none() {
        return;
    }
    let (place, _writer) = Place::with(2, 7u64);
    let of_another = |arguments: &[&str]| {
        let output = as_another_user(arguments).unwrap();
        [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap())
    };
    // Processes come and go.
    let [json, text] = until(
        || [of_another(&["locks", "--json", place.path()]).concat(), of_another(&["locks", place.path()]).concat()],
        |[json, text]| {
            let json: serde_json::Value = serde_json::from_str(json).unwrap();
            let hidden = json["hidden_processes"].as_u64().unwrap();
            hidden > 1 && text.contains(&format!("{hidden} processes could not be inspected"))
        },
    );
    assert!(json.contains("hidden_processes") && text.contains("run this command as root"), "{json}{text}");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap()["held"], true);
    // A file that it may not read: whether there is a lock is not known.
    std::fs::set_permissions(&place.0, std::fs::Permissions::from_mode(0o600)).unwrap();
    let [json, _] = of_another(&["locks", "--json", place.path()]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["held"], &json["locks"]), (&serde_json::Value::Null, &serde_json::json!([])));
    let text = of_another(&["locks", place.path()]).concat();
    assert!(text.contains("a user that may not read the file can't find out whether a lock is held"), "{text}");
}
