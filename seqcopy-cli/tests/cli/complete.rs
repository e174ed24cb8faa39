//! What the completions of shells offer: names of regions, and fields of one.

use super::*;

use seqcopy_shm::{MapWriter, path_for};

/// The lines of what may follow these words.
fn offered(words: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_seqcopy")).arg("__complete").args(words).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// What a shell makes of a line, with the script of this package.
fn by_shell(program: &str, script: &str) -> Option<Vec<String>> {
    let folder = Path::new(env!("CARGO_BIN_EXE_seqcopy")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let completions = concat!(env!("CARGO_MANIFEST_DIR"), "/completions");
    let mut command = Command::new(program);
    command.args(["-c", script]).env("PATH", path).env("COMPLETIONS", completions);
    let Ok(output) = command.output() else {
        println!("SKIPPED: there is no {program}");
        return None;
    };
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    Some(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect())
}

#[test]
fn names_and_fields_are_offered() {
    let name = format!("seqcopy-complete-{}", std::process::id());
    let writer = Writer::<Pose>::create(path_for(&name)).unwrap();
    let map = MapWriter::<u32, Leg>::create(path_for(&format!("{name}-map")), 8).unwrap();
    // A shell would run what is in this name.
    let bad = Writer::<u8>::create(path_for(&format!("{name}$(touch bad)"))).unwrap();
    let all = offered(&["show"]);
    let own = |all: &[String]| all.iter().filter(|line| line.starts_with(&name)).cloned().collect::<Vec<_>>();
    assert_eq!(own(&all), [name.clone(), format!("{name}-map")]);
    for words in
        [&["hz", "x"][..], &["record", "-o", "file", "x"], &["diff", "a"], &["watch", "--count", "3"], &["layout"]]
    {
        assert_eq!(own(&offered(words)).len(), 2, "{words:?}");
    }
    let fields = offered(&["show", &name]);
    assert!(
        ["legs", "legs[1]", "legs[1].angle"].iter().all(|field| fields.contains(&(*field).to_owned())),
        "{fields:?}"
    );
    assert_eq!(offered(&["plot", "--window", "3", &name, "x", "--once"]), fields);
    assert_eq!(offered(&["watch", "--key", "1", &format!("{name}-map")]), ["joint", "angle"]);
    assert_eq!(offered(&["watch", "--key=1", &format!("{name}-map")]), ["joint", "angle"]);
    // Nothing follows these: a value of an option, a third word, a map without a key, what is not there.
    let map_name = format!("{name}-map");
    for words in [
        &["show", &*name, "--key"][..],
        &["show", &name, "legs"],
        &["show", &map_name],
        &["show", "--key", "1", &name],
        &["show", "seqcopy-nowhere"],
        &["list"],
        &["header", "--lang"],
        &["nothing"],
        &[],
    ] {
        assert_eq!(offered(words), [""; 0], "{words:?}");
    }

    // More would fill a screen again and again.
    let long = Writer::<[[u16; 64]; 20]>::create(path_for(&format!("{name}-long"))).unwrap();
    let fields = offered(&["plot", &format!("{name}-long")]);
    assert_eq!((fields.len(), &*fields[1], &*fields[999]), (1000, "[0][0]", "[15][23]"));
    long.close().unwrap();

    let bash = |words: &str, at: u32| {
        let script = format!(
            "source $COMPLETIONS/seqcopy.bash; COMP_WORDS=({words}); COMP_CWORD={at}; last=\"${{COMP_WORDS[$COMP_CWORD]}}\"; \
             _seqcopy_regions seqcopy \"$last\" \"${{COMP_WORDS[$COMP_CWORD-1]}}\"; [ ${{#COMPREPLY[@]}} = 0 ] || printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        by_shell("bash", &script).unwrap()
    };
    assert_eq!(bash(&format!("seqcopy plot {name} legs[1].a"), 3), ["legs[1].angle"]);
    assert_eq!(own(&bash("seqcopy show seqcopy-complete-", 2)), own(&all));
    assert_eq!(bash("seqcopy header --lang r", 3), ["rust"]);
    assert_eq!(bash("seqcopy pl", 1), ["plot"]);
    let fish = format!("source $COMPLETIONS/seqcopy.fish; complete -C 'seqcopy plot {name} legs[1].a'");
    if let Some(lines) = by_shell("fish", &fish) {
        assert!(lines.contains(&"legs[1].angle".to_owned()), "{lines:?}");
    }
    // In a terminal of its own, until the rest of the word is there.
    let zsh = format!(
        "zmodload zsh/zpty && zpty z zsh -f -i || exit 0; \
         zpty -w z \"fpath=($COMPLETIONS \\$fpath); autoload -U compinit; compinit -u -D; echo REA''DY\"; zpty -r -m z line '*READY*'; \
         zpty -n -w z $'seqcopy plot {name} le\\t'; zpty -r -m z line '*gs*'; print found; zpty -d z"
    );
    if let Some(lines) = by_shell("zsh", &zsh) {
        assert_eq!(lines, ["found"]);
    }
    writer.close().and(map.close()).and(bad.close()).unwrap();
}
